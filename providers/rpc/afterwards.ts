/** Work for the time when the engine has written an object down. */

/** The engine writes within this time of an answer, in seconds; with its state in a slow place it may take longer. */
const settling = 5;

interface Waiting {
  work: () => Promise<void>;
  timer: NodeJS.Timeout;
}

/**
 * The engine does not say when it has written an object down. It lives on for a while, or it ends its providers in good
 * order: both tell it. An engine that is killed before takes the waiting work with it, and what it has not written down
 * stays as one that was not.
 */
export class Afterwards {
  private readonly waiting = new Map<string, Waiting>();
  private readonly running = new Set<Promise<void>>();
  private readonly failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.failed = failed;
  }

  add(key: string, work: () => Promise<void>): void {
    this.drop(key);
    this.waiting.set(key, { work, timer: setTimeout(() => this.begin(key), settling * 1000).unref() });
  }

  /** The object is being deleted: what waits for it is of no use. */
  drop(key: string): void {
    clearTimeout(this.waiting.get(key)?.timer);
    this.waiting.delete(key);
  }

  dropAll(): void {
    for (const key of [...this.waiting.keys()]) this.drop(key);
  }

  /** Does what waits now; resolves when it is done. */
  async finish(): Promise<void> {
    for (const key of [...this.waiting.keys()]) this.begin(key);
    await Promise.all(this.running);
  }

  private begin(key: string): void {
    const found = this.waiting.get(key);
    if (!found) return;
    this.drop(key);
    const run = found.work().catch(this.failed);
    this.running.add(run);
    run.finally(() => this.running.delete(run));
  }
}
