/**
 * Consoles in the browser: createConsoleEndpoint gives a URL with a token in it that opens the console of one instance
 * once. Tokens end with the lab's process.
 */
import { randomBytes } from "node:crypto";

/** A URL that nobody opens is good for this long. */
export const consoleMinutes = 30;

/** Beyond these the oldest is dropped: whoever asks again and again takes no memory. */
const mostTokens = 1000;

export class Consoles {
  readonly #tokens = new Map<string, { readonly instanceId: string; readonly until: number }>();

  /** @returns the token */
  create(instanceId: string, now = Date.now()): string {
    const token = randomBytes(32).toString("base64url");
    this.#tokens.set(token, { instanceId, until: now + consoleMinutes * 60_000 });
    for (const old of this.#tokens.keys()) {
      if (this.#tokens.size <= mostTokens) break;
      this.#tokens.delete(old);
    }
    return token;
  }

  /** Whose console the token opens; undefined when it was used, is too old or never was one. */
  instanceOf(token: string, now = Date.now()): string | undefined {
    const found = this.#tokens.get(token);
    if (!found || found.until < now) {
      this.#tokens.delete(token);
      return undefined;
    }
    return found.instanceId;
  }

  /** The same, and it opens nothing any more. */
  take(token: string, now = Date.now()): string | undefined {
    const instanceId = this.instanceOf(token, now);
    this.#tokens.delete(token);
    return instanceId;
  }
}
