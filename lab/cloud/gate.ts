/** Requests pass, any number at once; closed, it lets those inside out first and has the others wait. */
export class Gate {
  readonly #inside = new Set<Promise<unknown>>();
  #closed: Promise<unknown> | undefined;

  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed;
    const passing = work();
    const settled = passing
      .catch(() => undefined)
      .finally(() => {
        this.#inside.delete(settled);
      });
    this.#inside.add(settled);
    return passing;
  }

  /** Does the work with nobody inside. One at a time. */
  async close<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed;
    const closed = Promise.all(this.#inside).then(work);
    this.#closed = closed
      .catch(() => undefined)
      .finally(() => {
        this.#closed = undefined;
      });
    return closed;
  }
}
