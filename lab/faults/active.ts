/** The faults that are switched on, and the moments at which they strike. */
import type { ApiError } from "../cloud/failure.ts";
import { LabProblem } from "../errors.ts";
import type { Content, Fault, JobTrouble, Options, RequestTrouble } from "./fault.ts";

interface Armed {
  readonly id: number;
  readonly fault: Fault;
  readonly options: Options;
  left: number;
}

export class Faults {
  readonly known: readonly Fault[];
  readonly #armed: Armed[] = [];
  /** Lets go what is held, with the command that it is held for. */
  #held: { command: string; release: () => void }[] = [];
  #next = 1;

  constructor(known: readonly Fault[]) {
    this.known = known;
  }

  arm(name: string, options: Options): number {
    const fault = this.known.find((known) => known.name === name);
    if (!fault) {
      throw new LabProblem(
        `no such fault: ${name}`,
        `the faults are: ${this.known.map((known) => known.name).join(", ")}`,
        "npm run lab -- inject --list",
      );
    }
    const allowed = ["command", "times", ...Object.keys(fault.options)];
    const unknown = Object.keys(options).find((option) => !allowed.includes(option));
    if (unknown !== undefined) {
      throw new LabProblem(
        `the fault ${name} has no option ${unknown}`,
        `its options are: ${allowed.join(", ")}`,
        "npm run lab -- inject --list",
      );
    }
    const left = options.times === undefined ? fault.times : Number(options.times);
    if (!(left >= 1)) {
      throw new LabProblem(`times=${options.times}`, "it is a number from 1", "npm run lab -- inject --list");
    }
    fault.check?.(options);
    const id = this.#next++;
    this.#armed.push({ id, fault, options, left });
    return id;
  }

  list(): { id: number; name: string; options: Options; left: number | "until cleared" }[] {
    return this.#armed.map(({ id, fault, options, left }) => ({
      id,
      name: fault.name,
      options,
      left: Number.isFinite(left) ? left : "until cleared",
    }));
  }

  clear(): void {
    this.#armed.length = 0;
    this.release();
  }

  /** Held jobs go on; only those of a command where one is given. */
  release(command?: string): void {
    const isMeant = (held: { command: string }) => command === undefined || held.command === command;
    for (const held of this.#held) if (isMeant(held)) held.release();
    this.#held = this.#held.filter((held) => !isMeant(held));
  }

  /** How far the server's clock is ahead of the host's. */
  get clockSeconds(): number {
    return this.#armed.reduce((sum, { fault, options }) => sum + (fault.clockSeconds?.(options) ?? 0), 0);
  }

  onRequest(command: string, parameters: ReadonlyMap<string, string>): RequestTrouble | undefined {
    return this.#strike(command, (fault, options) => fault.request?.(options, command, parameters));
  }

  onAnswer(command: string): "reset" | undefined {
    return this.#strike(command, (fault, options) => fault.answer?.(options));
  }

  /** What the faults make of a good answer. */
  onContent(command: string, content: Content): Content {
    return this.#strike(command, (fault, options) => fault.content?.(command, content, options)) ?? content;
  }

  onSubmit(command: string): ApiError | undefined {
    return this.#strike(command, (fault, options) => fault.submit?.(options));
  }

  onJob(command: string): JobTrouble | undefined {
    const hold = () =>
      new Promise<void>((release) => {
        this.#held.push({ command, release });
      });
    return this.#strike(command, (fault, options) => fault.job?.(options, hold));
  }

  onTemplate(): "never-ready" | undefined {
    return this.#strike("createTemplate", (fault, options) => fault.template?.(options));
  }

  beforeCommit(steps: readonly string[]): void {
    this.#steps(steps, "before");
  }

  afterCommit(steps: readonly string[]): void {
    this.#steps(steps, "after");
  }

  #steps(steps: readonly string[], moment: "before" | "after"): void {
    for (const step of steps) {
      this.#strike(undefined, (fault, options) => fault.step?.(step, moment, options) || undefined);
    }
  }

  /** The first armed fault that has something to say; it is spent by it. */
  #strike<T>(
    command: string | undefined,
    ask: (fault: Fault, options: Options) => T | undefined,
  ): T | undefined {
    for (const [index, armed] of this.#armed.entries()) {
      const only = armed.options.command;
      if (only !== undefined && only !== command) continue;
      if (armed.fault.commands && !armed.fault.commands.includes(command ?? "")) continue;
      const trouble = ask(armed.fault, armed.options);
      if (trouble === undefined) continue;
      armed.left -= 1;
      if (armed.left <= 0) this.#armed.splice(index, 1);
      return trouble;
    }
    return undefined;
  }
}
