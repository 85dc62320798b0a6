/** Shows what a command says while it runs. */
import type { Log, ObjectSpec } from "../rpc/index.ts";

export const loggingType: ObjectSpec = {
  type: "string",
  enum: [
    { value: "stdout", description: "Capture stdout in logs but not stderr" },
    { value: "stderr", description: "Capture stderr in logs but not stdout" },
    { value: "stdoutAndStderr", description: "Capture stdout and stderr in logs" },
    { value: "none", description: "Capture no logs" },
  ],
};

/** Lines shown at once; a command that says more shows the newest now and then, or its log would outlast it. */
const linesInFull = 1000;
const pauseMilliseconds = 200;

export class ShownOutput {
  readonly #log: Log;
  readonly #shown: ReadonlySet<string>;
  #rest = "";
  #lines = 0;
  #last = 0;

  /** @param logging a value of the type above; undefined shows both */
  constructor(log: Log, logging: unknown) {
    this.#log = log;
    this.#shown = new Set(
      logging === undefined || logging === "stdoutAndStderr" ? ["stdout", "stderr"] : [String(logging)],
    );
  }

  hear(stream: "stdout" | "stderr", text: string): void {
    if (!this.#shown.has(stream)) return;
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#show(line);
  }

  end(): void {
    if (this.#rest !== "") this.#show(this.#rest);
    this.#rest = "";
  }

  #show(line: string): void {
    this.#lines++;
    if (this.#lines > linesInFull && Date.now() - this.#last < pauseMilliseconds) return;
    this.#last = Date.now();
    this.#log.status(line);
  }
}
