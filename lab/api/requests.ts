/** The latest API requests and how long each took, for the lab's page. No parameters: they may be secrets. */

export interface ApiRequestRecord {
  /** Milliseconds of the clock, when it came. */
  readonly at: number;
  readonly method: string;
  /** As the caller spelt it, cut. */
  readonly command: string;
  /** HTTP status; undefined where the connection was broken without an answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

const kept = 500;
const longestName = 60;

export class RequestLog {
  #records: ApiRequestRecord[] = [];
  /** All that came since the lab's process started. */
  count = 0;

  add(record: ApiRequestRecord): void {
    this.count += 1;
    this.#records.push({ ...record, command: record.command.slice(0, longestName) });
    if (this.#records.length >= 2 * kept) this.#records = this.#records.slice(-kept);
  }

  /** The newest first. */
  latest(): readonly ApiRequestRecord[] {
    return this.#records.slice(-kept).reverse();
  }
}
