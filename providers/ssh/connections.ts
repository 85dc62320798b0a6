/**
 * Open SSH connections, shared by everything that this process does on the same machine at about the same time. Only
 * work that gives the very same target, credentials and pinned keys included, gets the same connection. A user's groups
 * are those of the login: what a command changes there is seen once the connection was idle for a while.
 */
import { SessionNotOpened, type SshConnection } from "./connection.ts";
import { type ConnectOptions, connect } from "./dial.ts";
import type { SshTarget } from "./target.ts";

interface Shared {
  connection: Promise<SshConnection>;
  users: number;
  closing?: NodeJS.Timeout;
}

/** OpenSSH takes 10 sessions a connection by default; one of them may be the shared SFTP session. */
const mostUsers = 8;

export class Connections {
  readonly #shared = new Map<string, Shared[]>();
  readonly #idleSeconds: number;

  constructor(idleSeconds = 5) {
    this.#idleSeconds = idleSeconds;
  }

  /**
   * Lends a connection to work. When the connection was lost meanwhile, a fresh one is dialled, once; when the machine
   * takes no further session on it, the work gets one for itself.
   */
  async use<T>(
    target: SshTarget,
    signal: AbortSignal | undefined,
    work: (connection: SshConnection) => Promise<T>,
    options: Omit<ConnectOptions, "signal"> = {},
  ): Promise<T> {
    const key = JSON.stringify(target);
    const dialling: ConnectOptions = signal ? { ...options, signal } : options;
    const shared = await this.#take(key, target, dialling);
    try {
      return await this.#lend(key, shared, work);
    } catch (error) {
      if (!(error instanceof SessionNotOpened)) throw error;
      const { open } = await shared.connection;
      const fresh = open ? this.#dial(key, target, dialling) : await this.#take(key, target, dialling);
      if (open) this.#retire(key, fresh);
      return await this.#lend(key, fresh, work);
    }
  }

  /** Closes what nobody uses. */
  close(): void {
    for (const [key, all] of this.#shared) {
      for (const shared of all) if (shared.users === 0) this.#drop(key, shared);
    }
  }

  async #lend<T>(key: string, shared: Shared, work: (connection: SshConnection) => Promise<T>): Promise<T> {
    try {
      return await work(await shared.connection);
    } catch (error) {
      if (error instanceof SessionNotOpened) this.#retire(key, shared);
      throw error;
    } finally {
      this.#leave(key, shared);
    }
  }

  async #take(key: string, target: SshTarget, options: ConnectOptions): Promise<Shared> {
    for (;;) {
      const known = this.#shared.get(key)?.find(({ users }) => users < mostUsers);
      if (!known) return this.#dial(key, target, options);
      known.users++;
      clearTimeout(known.closing);
      const connection = await settled(known.connection, options.signal);
      if (connection?.open) return known;
      this.#retire(key, known);
      this.#leave(key, known);
      options.signal?.throwIfAborted();
    }
  }

  #dial(key: string, target: SshTarget, options: ConnectOptions): Shared {
    const fresh: Shared = { connection: connect(target, options), users: 1 };
    fresh.connection.catch(() => this.#retire(key, fresh));
    this.#shared.set(key, [...(this.#shared.get(key) ?? []), fresh]);
    return fresh;
  }

  #leave(key: string, shared: Shared): void {
    shared.users--;
    if (shared.users > 0) return;
    if (!this.#shared.get(key)?.includes(shared)) {
      this.#drop(key, shared);
      return;
    }
    shared.closing = setTimeout(() => this.#drop(key, shared), this.#idleSeconds * 1000);
    shared.closing.unref();
  }

  /** Nobody gets it any more; it is closed when its last user has done. */
  #retire(key: string, shared: Shared): void {
    const others = this.#shared.get(key)?.filter((other) => other !== shared) ?? [];
    if (others.length > 0) this.#shared.set(key, others);
    else this.#shared.delete(key);
  }

  #drop(key: string, shared: Shared): void {
    clearTimeout(shared.closing);
    this.#retire(key, shared);
    shared.connection.then(
      (connection) => connection.close(),
      () => {},
    );
  }
}

/** The connection once it is there; undefined when it failed, or when waiting for it was given up. */
async function settled(
  connection: Promise<SshConnection>,
  signal: AbortSignal | undefined,
): Promise<SshConnection | undefined> {
  const own = connection.catch(() => undefined);
  if (!signal) return await own;
  let onAbort = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) resolve(undefined);
  });
  return await Promise.race([own, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}
