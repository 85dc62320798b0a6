/** Open SSH connections, shared by everything that this process does on the same machine at about the same time. */
import { connect, SessionNotOpened, type SshConnection, type SshTarget } from "../../ssh/index.ts";

interface Shared {
  connection: Promise<SshConnection>;
  users: number;
  closing?: NodeJS.Timeout;
}

export class Connections {
  readonly #shared = new Map<string, Shared>();
  readonly #idleSeconds: number;

  constructor(idleSeconds = 5) {
    this.#idleSeconds = idleSeconds;
  }

  /** Lends the machine's connection to work. A machine that was stopped meanwhile is dialled anew, once. */
  async use<T>(
    target: SshTarget,
    signal: AbortSignal | undefined,
    work: (connection: SshConnection) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#lend(target, signal, work);
    } catch (error) {
      if (!(error instanceof SessionNotOpened)) throw error;
      return await this.#lend(target, signal, work);
    }
  }

  /** Closes what nobody uses. */
  close(): void {
    for (const [key, shared] of this.#shared) if (shared.users === 0) this.#drop(key, shared);
  }

  async #lend<T>(
    target: SshTarget,
    signal: AbortSignal | undefined,
    work: (connection: SshConnection) => Promise<T>,
  ): Promise<T> {
    const key = JSON.stringify(target);
    const shared = await this.#take(key, target, signal);
    try {
      return await work(await shared.connection);
    } finally {
      shared.users--;
      if (shared.users === 0) this.#closeLater(key, shared);
    }
  }

  async #take(key: string, target: SshTarget, signal: AbortSignal | undefined): Promise<Shared> {
    const known = this.#shared.get(key);
    if (known) {
      known.users++;
      clearTimeout(known.closing);
      const connection = await known.connection.catch(() => undefined);
      if (connection?.open) return known;
      known.users--;
      this.#drop(key, known);
      return this.#take(key, target, signal);
    }
    const fresh: Shared = { connection: connect(target, signal ? { signal } : {}), users: 1 };
    this.#shared.set(key, fresh);
    return fresh;
  }

  #closeLater(key: string, shared: Shared): void {
    shared.closing = setTimeout(() => this.#drop(key, shared), this.#idleSeconds * 1000);
    shared.closing.unref();
  }

  #drop(key: string, shared: Shared): void {
    clearTimeout(shared.closing);
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
    shared.connection.then(
      (connection) => connection.close(),
      () => {},
    );
  }
}
