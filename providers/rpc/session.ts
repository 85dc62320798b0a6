/** What one provider process remembers between calls. */
import { Afterwards } from "./afterwards.ts";
import type { Context, Predecessor } from "./context.ts";
import { type EngineLog, engineLog } from "./engine-log.ts";
import { callFailure } from "./errors.ts";
import type { AnyFunction, AnyResource, Provider } from "./handler.ts";
import { type Path, pathText } from "./paths.ts";
import type { Decoded, Properties } from "./values.ts";

export class Session<Client> {
  readonly provider: Provider<Client>;
  readonly resources: ReadonlyMap<string, AnyResource<Client>>;
  readonly functions: ReadonlyMap<string, AnyFunction<Client>>;
  log: EngineLog;
  readonly afterwards = new Afterwards((error) => this.log.forUrn("", []).debug(String(error)));
  private client: Promise<Client> | undefined;
  private owner: string | undefined;
  private readonly running = new Map<AbortController, Promise<void>>();
  private readonly predecessors = new Map<string, Predecessor>();

  constructor(provider: Provider<Client>, engineAddress: string | undefined) {
    this.provider = provider;
    this.log = engineLog(engineAddress);
    this.resources = new Map(provider.resources.map((handler) => [handler.token, handler]));
    this.functions = new Map((provider.functions ?? []).map((handler) => [handler.token, handler]));
  }

  attach(engineAddress: string): void {
    this.log = engineLog(engineAddress);
  }

  async configure(config: Properties, owner?: string): Promise<void> {
    this.owner = owner;
    this.client = Promise.resolve(this.provider.configure(config));
    await this.client;
  }

  /** A provider that is asked before it was configured has no configuration of the program to go by. */
  configured(): Promise<Client> {
    this.client ??= Promise.resolve(this.provider.configure({}));
    return this.client;
  }

  /** Stops all work that is under way. */
  cancel(reason: string): void {
    const error = new DOMException(reason, "AbortError");
    for (const controller of this.running.keys()) controller.abort(error);
  }

  /** Resolves when no work is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  /** Runs one call with a context of its own. */
  async within<T>(call: CallDescription, work: (context: Context<Client>) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const ended = Promise.withResolvers<void>();
    this.running.set(controller, ended.promise);
    const timer = timeout(controller, call.timeoutSeconds);
    try {
      return await work({
        client: await this.configured(),
        urn: call.urn,
        owner: this.owner,
        signal: controller.signal,
        deadline: call.timeoutSeconds ? new Date(Date.now() + call.timeoutSeconds * 1000) : undefined,
        log: this.log.forUrn(call.urn, call.secretTexts),
        preview: call.preview,
        secretInputs: call.secretInputs,
      });
    } catch (error) {
      throw callFailure(error, call.secretTexts);
    } finally {
      clearTimeout(timer);
      this.running.delete(controller);
      ended.resolve();
      await this.log.settled();
    }
  }

  /** The engine showed an object of this name: a later create takes its place. */
  sawOld(urn: string, id?: string): void {
    if (id !== undefined) this.predecessors.set(urn, { kind: "known", id });
    else if (!this.predecessors.has(urn)) this.predecessors.set(urn, { kind: "hidden" });
  }

  predecessorOf(urn: string): Predecessor {
    return this.predecessors.get(urn) ?? { kind: "none" };
  }
}

export interface CallDescription {
  urn: string;
  /** 0 = none. */
  timeoutSeconds: number;
  preview: boolean;
  secretInputs: readonly Path[];
  /** The secret values themselves: no message shows them. */
  secretTexts: readonly string[];
}

/**
 * Every text that stands at or below a secret path, the longest first, so that none leaves a part of another. A program
 * that is given a secret of several lines shows them one by one, and rarely with the line feed at the end.
 * @param shown what messages may show, though it is part of a secret
 */
export function secretTextsOf(all: readonly Decoded[], shown: readonly Path[] = []): string[] {
  const hidden = new Set(shown.map(pathText));
  const texts = all.flatMap(({ properties, secrets }) =>
    secrets.flatMap((path) => textsIn(path.reduce<unknown>(inside, properties), path, hidden)),
  );
  const forms = texts.flatMap((text) => [text, text.trim(), base64(text), ...linesOf(text)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** As many an API wants it, and shows it in its refusals; without the padding, which some leave out. */
function base64(text: string): string {
  return Buffer.from(text).toString("base64").replace(/=+$/u, "");
}

/** Short lines are the words of every script. */
const shortestLine = 8;

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestLine);
}

function inside(value: unknown, part: string | number): unknown {
  return (value as Record<string | number, unknown> | undefined)?.[part];
}

function textsIn(value: unknown, path: Path, shown: ReadonlySet<string>): string[] {
  if (shown.has(pathText(path))) return [];
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([part, item]) => textsIn(item, [...path, part], shown));
}

function timeout(controller: AbortController, seconds: number): NodeJS.Timeout | undefined {
  if (seconds <= 0) return undefined;
  const stop = () =>
    controller.abort(
      new DOMException(`not done within ${seconds} s, the resource's customTimeouts`, "TimeoutError"),
    );
  return setTimeout(stop, seconds * 1000);
}
