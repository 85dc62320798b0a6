/**
 * The cloud's memory: tables in RAM, each transaction appended to a journal, a snapshot now and then. A lab killed at
 * any moment comes back with every transaction and with none by halves: a torn last line is dropped, and lines that a
 * snapshot already holds are passed over. No answer leaves before what it may tell of is safe on the disk, also from a
 * power cut (`flushed`); transactions of one moment share a flush.
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { uuidOf } from "./ids.ts";
import { type Row, type TableName, type Tables, tableNames } from "./model.ts";

const datasync = promisify(fdatasync);

type Change = [table: TableName, id: string, row: Row | null];
type AllRows = { [K in TableName]: Map<string, Tables[K]> };

interface Snapshot {
  sequence: number;
  numbers: Partial<Record<TableName, number>>;
  rows: Partial<Record<TableName, Row[]>>;
  ids?: SeededIds;
}

/** Ids that follow from a word: the same changes in the same order give the same ones. */
interface SeededIds {
  readonly seed: string;
  /** How many ids of each table were given since. */
  readonly given: Partial<Record<TableName, number>>;
}

/** Looks on as steps are committed; the faults that kill the lab at a chosen moment sit here. */
export interface Witness {
  beforeCommit(steps: readonly string[]): void;
  afterCommit(steps: readonly string[]): void;
}

/**
 * Room on the disk that is kept for what must be written down: how the work ended that was under way when the disk
 * became full.
 */
const reserveBytes = 256 * 1024;

/** A removed row's id is remembered for this many removals. */
const tombstonesKept = 1000;
const journalLimit = 16 * 1024 * 1024;

export class Store {
  readonly #folder: string;
  readonly #rows: AllRows;
  readonly #numbers = new Map<TableName, number>();
  #ids: SeededIds | undefined;
  #sequence = 0;
  #journal: number;
  #journalLength = 0;
  /** Transactions since the process started, and how many of them are safe on the disk. */
  #written = 0;
  #safe = 0;
  #flushing: Promise<void> | undefined;
  #steps: string[] = [];
  #changes: { change: Change; before: Row | undefined }[] | undefined;
  /** Counts committed transactions; what was derived from the rows is stale when it has moved. */
  version = 0;
  witness: Witness | undefined;
  /** Whether what is being changed can still be refused, so that a full disk's last room is not for it. */
  isRequest: () => boolean = () => false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#rows = Object.fromEntries(tableNames.map((name) => [name, new Map()])) as AllRows;
    this.#journal = this.#load();
  }

  /** The rows of a table, in the order in which they were made. */
  all<K extends TableName>(table: K): IterableIterator<Tables[K]> {
    return this.#rows[table].values();
  }

  count(table: TableName): number {
    return this.#rows[table].size;
  }

  get<K extends TableName>(table: K, id: string): Tables[K] | undefined {
    return this.#rows[table].get(id);
  }

  /** A row that must be there; its absence is a bug. */
  need<K extends TableName>(table: K, id: string): Tables[K] {
    const row = this.get(table, id);
    if (!row) throw new Error(`no row ${id} in ${table}`);
    return row;
  }

  find<K extends TableName>(table: K, test: (row: Tables[K]) => boolean): Tables[K] | undefined {
    for (const row of this.all(table)) if (test(row)) return row;
    return undefined;
  }

  filter<K extends TableName>(table: K, test: (row: Tables[K]) => boolean): Tables[K][] {
    const found: Tables[K][] = [];
    for (const row of this.all(table)) if (test(row)) found.push(row);
    return found;
  }

  /** The next internal id of a table; never given twice. */
  nextNumber(table: TableName): number {
    const number = (this.#numbers.get(table) ?? 0) + 1;
    this.#numbers.set(table, number);
    return number;
  }

  /** For a new row: one that nobody can foresee or, with a seed, the next that follows from it and is not in use. */
  newId(table: TableName): string {
    if (!this.#ids) return randomUUID();
    const { seed, given } = this.#ids;
    for (let number = (given[table] ?? 0) + 1; ; number++) {
      const id = uuidOf(`${seed}/${table}/${number}`);
      if (this.#rows[table].has(id) || this.#rows.tombstones.has(id)) continue;
      this.#ids = { seed, given: { ...given, [table]: number } };
      return id;
    }
  }

  get seed(): string | undefined {
    return this.#ids?.seed;
  }

  /** The ids of rows to come follow from the word, from its first one on; undefined: from nothing. */
  seedIds(seed: string | undefined): void {
    this.#ids = seed === undefined ? undefined : { seed, given: {} };
    this.#compact();
  }

  /**
   * All changes made inside are kept together or, when it throws, not at all. Transactions do not wait for anything,
   * so they cannot interleave; one inside another joins it.
   */
  transaction<T>(act: () => T): T {
    if (this.#changes) return act();
    this.#changes = [];
    try {
      const result = act();
      this.#commit();
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    } finally {
      this.#changes = undefined;
      this.#steps = [];
    }
  }

  /** Whether a transaction is under way: what is seen now may still be undone. */
  get isChanging(): boolean {
    return this.#changes !== undefined;
  }

  /** Names a step of the current transaction, for the witness. */
  note(step: string): void {
    this.#steps.push(step);
  }

  /** Inside a transaction: keeps what was done so far even if the rest throws. */
  keepSoFar(): void {
    this.#commit();
    this.#changes = [];
  }

  put<K extends TableName>(table: K, row: Tables[K]): void {
    this.#change([table, row.id, row]);
  }

  /** @param text how error texts describe it from now on */
  remove(table: TableName, id: string, text?: string): void {
    const row = this.#rows[table].get(id);
    if (!row) return;
    this.#change([table, id, null]);
    if (table === "jobs" || table === "tags" || table === "tombstones") return;
    this.put("tombstones", { id, number: row.number, table, ...(text === undefined ? {} : { text }) });
    for (const old of this.all("tombstones")) {
      if (this.count("tombstones") <= tombstonesKept) break;
      this.#change(["tombstones", old.id, null]);
    }
  }

  /** Removes a row as if it had never been: its id is unknown afterwards. */
  forget(table: TableName, id: string): void {
    if (this.#rows[table].has(id)) this.#change([table, id, null]);
  }

  /** Resolves when every transaction so far is safe on the disk. */
  async flushed(): Promise<void> {
    const wanted = this.#written;
    while (this.#safe < wanted) await this.#flush();
  }

  close(): void {
    this.#compact();
    this.#closeJournal();
  }

  /** All of it in one file of the folder, which may then be copied. */
  settle(): void {
    this.#compact();
  }

  /** Takes what is in the folder now in place of what it knows. */
  reload(): void {
    this.#closeJournal();
    for (const rows of Object.values(this.#rows)) rows.clear();
    this.#numbers.clear();
    this.#ids = undefined;
    this.#sequence = 0;
    this.#journalLength = 0;
    this.version += 1;
    this.#journal = this.#load();
  }

  /** One at a time: whoever asks meanwhile gets the next one, which is for all that was written until it begins. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#flushNow(this.#written);
    return this.#flushing;
  }

  async #flushNow(written: number): Promise<void> {
    try {
      await datasync(this.#journal);
      this.#safe = Math.max(this.#safe, written);
    } finally {
      this.#flushing = undefined;
    }
    if (this.#safe < this.#written) this.#flush().catch(() => undefined);
  }

  #closeJournal(): void {
    const journal = this.#journal;
    const close = () => closeSync(journal);
    if (this.#flushing) this.#flushing.then(close, close);
    else close();
  }

  /** @returns the open journal */
  #load(): number {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#loadSnapshot();
    const journalPath = join(this.#folder, "journal");
    this.#replay(journalPath);
    const journal = openSync(journalPath, "a", 0o600);
    ftruncateSync(journal, this.#journalLength);
    if (this.#journalLength > 0) this.#compact(journal);
    this.keepReserve();
    return journal;
  }

  #change(change: Change): void {
    if (!this.#changes) throw new Error("a change of the state outside of a transaction");
    const [table, id, row] = change;
    const rows = this.#rows[table] as Map<string, Row>;
    this.#changes.push({ change, before: rows.get(id) });
    if (row) rows.set(id, row);
    else rows.delete(id);
  }

  #commit(): void {
    const changes = this.#changes ?? [];
    if (changes.length === 0) return;
    const line = Buffer.from(
      `${JSON.stringify({
        sequence: this.#sequence + 1,
        numbers: Object.fromEntries(this.#numbers),
        ids: this.#ids,
        changes: changes.map(({ change }) => change),
      })}\n`,
    );
    const steps = this.#steps;
    this.#steps = [];
    this.witness?.beforeCommit(steps);
    this.#append(line);
    this.#written += 1;
    // A flush that fails is told to whoever waits for it.
    this.#flush().catch(() => undefined);
    this.#sequence += 1;
    this.#journalLength += line.length;
    this.version += 1;
    this.witness?.afterCommit(steps);
    if (this.#journalLength > journalLimit) this.#compact();
  }

  #append(line: Buffer): void {
    try {
      for (let done = 0; done < line.length; ) done += writeSync(this.#journal, line, done);
    } catch (error) {
      ftruncateSync(this.#journal, this.#journalLength);
      const isFull = (error as NodeJS.ErrnoException).code === "ENOSPC";
      if (!isFull || this.isRequest() || !existsSync(this.#reserve)) throw error;
      rmSync(this.#reserve);
      this.#append(line);
    }
  }

  get #reserve(): string {
    return join(this.#folder, "reserve");
  }

  /** Asked again now and then, and before work whose end must not be lost. @returns whether there is room for it */
  keepReserve(): boolean {
    if (existsSync(this.#reserve)) return true;
    const fresh = `${this.#reserve}.new`;
    try {
      writeFileSync(fresh, Buffer.alloc(reserveBytes, 1), { mode: 0o600, flush: true });
      renameSync(fresh, this.#reserve);
      return true;
    } catch (error) {
      rmSync(fresh, { force: true });
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      return false;
    }
  }

  #undo(): void {
    for (const { change, before } of (this.#changes ?? []).reverse()) {
      const rows = this.#rows[change[0]] as Map<string, Row>;
      if (before) rows.set(change[1], before);
      else rows.delete(change[1]);
    }
  }

  #loadSnapshot(): void {
    const path = join(this.#folder, "snapshot.json");
    if (!existsSync(path)) return;
    const snapshot = JSON.parse(readFileSync(path, "utf8")) as Snapshot;
    this.#sequence = snapshot.sequence;
    this.#takeNumbers(snapshot.numbers);
    this.#ids = snapshot.ids;
    for (const table of tableNames) {
      for (const row of snapshot.rows[table] ?? []) (this.#rows[table] as Map<string, Row>).set(row.id, row);
    }
  }

  #replay(path: string): void {
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(10, start);
      if (end < 0) break;
      const line = JSON.parse(bytes.toString("utf8", start, end)) as {
        sequence: number;
        numbers: Partial<Record<TableName, number>>;
        ids?: SeededIds;
        changes: Change[];
      };
      if (line.sequence > this.#sequence) {
        this.#sequence = line.sequence;
        this.#takeNumbers(line.numbers);
        this.#ids = line.ids;
        for (const [table, id, row] of line.changes) {
          const rows = this.#rows[table] as Map<string, Row>;
          if (row) rows.set(id, row);
          else rows.delete(id);
        }
      }
      start = end + 1;
      this.#journalLength = start;
    }
  }

  #takeNumbers(numbers: Partial<Record<TableName, number>>): void {
    for (const [table, number] of Object.entries(numbers)) this.#numbers.set(table as TableName, number);
  }

  /** Writes a snapshot, and only when that one is safe on the disk empties the journal. */
  #compact(journal = this.#journal): void {
    const snapshot: Snapshot = {
      sequence: this.#sequence,
      numbers: Object.fromEntries(this.#numbers),
      rows: Object.fromEntries(tableNames.map((table) => [table, [...this.all(table)]])),
      ...(this.#ids === undefined ? {} : { ids: this.#ids }),
    };
    const path = join(this.#folder, "snapshot.json");
    const bytes = Buffer.from(JSON.stringify(snapshot));
    const file = openSync(`${path}.new`, "w", 0o600);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } catch (error) {
      // The journal has all of it; the next one may find room.
      rmSync(`${path}.new`);
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    const folder = openSync(this.#folder, "r");
    fsyncSync(folder);
    closeSync(folder);
    ftruncateSync(journal, 0);
    this.#journalLength = 0;
    this.#safe = this.#written;
  }
}
