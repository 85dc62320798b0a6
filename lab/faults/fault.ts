/**
 * A fault on demand is a record: one file in this folder, found by its name. Each hook is asked at its moment and
 * says what goes wrong, if anything. Faults live in memory only: a restarted lab has none.
 */
import type { ApiError } from "../cloud/failure.ts";

export type Options = Readonly<Record<string, string>>;

export interface Fault {
  readonly name: string;
  readonly description: string;
  /** Its options and what they mean; `command` (only this command) and `times` are common to all. */
  readonly options: Readonly<Record<string, string>>;
  /** How often it strikes when `times` is not given; Infinity: until it is cleared. */
  readonly times: number;
  /** The commands that it concerns; all where absent. */
  readonly commands?: readonly string[];
  /** Throws what is wrong with its options. */
  check?(options: Options): void;
  /** Before the request is looked at. */
  request?(
    options: Options,
    command: string,
    parameters: ReadonlyMap<string, string>,
  ): RequestTrouble | undefined;
  /** Before a job is written down; nothing of its command stays. */
  submit?(options: Options): ApiError | undefined;
  /** How far the server's clock is ahead while it is switched on. */
  clockSeconds?(options: Options): number;
  /** After the command was carried out, before the answer leaves. */
  answer?(options: Options): "reset";
  /** What is said in place of a good answer. */
  content?(command: string, content: Content, options: Options): Content | undefined;
  /** Before a job's work starts. @param hold what it returns resolves when the faults are cleared */
  job?(options: Options, hold: () => Promise<void>): JobTrouble;
  /** When a template's copy has ended well. */
  template?(options: Options): "never-ready";
  /** Around the commit of a named step. */
  step?(step: string, moment: "before" | "after", options: Options): boolean;
}

/** What is inside the outer key of an answer. */
export type Content = Readonly<Record<string, unknown>>;

export type RequestTrouble = { kind: "reset" } | { kind: "refuse"; error: ApiError };
export type JobTrouble =
  | { kind: "stuck" }
  /** The work waits. */
  | { kind: "held"; released: Promise<void> }
  | { kind: "fail"; error: ApiError }
  /** The work is done in its own time, and the end is told later. */
  | { kind: "slow"; seconds: number }
  /** The work is done, and nobody can say how it ended. */
  | { kind: "lost" };
