/** The command line's side of the control socket. */
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { LabProblem, type ToldProblem } from "../errors.ts";
import { type Home, readKeys } from "../home.ts";
import type { SavedState } from "../states.ts";
import {
  type FaultList,
  type MachineAccess,
  processHeader,
  type Screen,
  type Seed,
  type Status,
  type StreamLine,
} from "./control.ts";

export class Control {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  /** The lab's process, also while it starts; undefined where there is none. */
  async pid(): Promise<number | undefined> {
    const answer = await this.#send("GET", "/");
    answer?.resume();
    return answer && Number(answer.headers[processHeader]);
  }

  async status(): Promise<Status | undefined> {
    const answer = await this.#send("GET", "/status");
    return answer && ((await this.#content(answer)) as Status);
  }

  async machine(name: string): Promise<MachineAccess> {
    return (await this.#ask("GET", `/machine?name=${encodeURIComponent(name)}`)) as MachineAccess;
  }

  /** A PNG picture. */
  async screen(name: string): Promise<Buffer> {
    const { png } = (await this.#ask("GET", `/screen?name=${encodeURIComponent(name)}`)) as Screen;
    return Buffer.from(png, "base64");
  }

  async faults(): Promise<FaultList> {
    return (await this.#ask("GET", "/faults")) as FaultList;
  }

  async arm(name: string, options: Readonly<Record<string, string>>): Promise<FaultList> {
    return (await this.#ask("POST", "/faults", { name, options })) as FaultList;
  }

  async clearFaults(): Promise<FaultList> {
    return (await this.#ask("DELETE", "/faults")) as FaultList;
  }

  async seed(): Promise<string | null> {
    return ((await this.#ask("GET", "/seed")) as Seed).seed;
  }

  async setSeed(seed: string | null): Promise<void> {
    await this.#ask("POST", "/seed", { seed });
  }

  async states(): Promise<SavedState[]> {
    return (await this.#ask("GET", "/states")) as SavedState[];
  }

  async removeState(name: string): Promise<void> {
    await this.#ask("DELETE", `/states?name=${encodeURIComponent(name)}`);
  }

  /** False: no lab is running. */
  saveState(name: string, show: (line: string) => void): Promise<boolean> {
    return this.#follow("POST", "/states/save", show, { name });
  }

  /** False: no lab is running. */
  restoreState(name: string, show: (line: string) => void): Promise<boolean> {
    return this.#follow("POST", "/states/restore", show, { name });
  }

  /** Follows the lab's start to its end. False: no lab is running. */
  watchStart(show: (line: string) => void): Promise<boolean> {
    return this.#follow("GET", "/start", show);
  }

  /** False: no lab was running. */
  down(show: (line: string) => void): Promise<boolean> {
    return this.#follow("POST", "/down", show);
  }

  async #follow(
    method: string,
    path: string,
    show: (line: string) => void,
    body?: unknown,
  ): Promise<boolean> {
    const answer = await this.#send(method, path, body);
    if (!answer) return false;
    if (answer.statusCode !== 200) await this.#content(answer);
    for await (const text of createInterface({ input: answer })) {
      const line = JSON.parse(text) as StreamLine;
      if ("done" in line) return true;
      if ("failed" in line && line.problem) throw problemFrom(line.problem);
      if ("failed" in line) throw new LabProblem("the lab failed", line.failed, "npm run lab -- logs");
      show(line.line);
    }
    throw new LabProblem("the lab ended before it was done", "its process is gone", "npm run lab -- logs");
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#send(method, path, body);
    if (!answer) throw notRunning();
    return this.#content(answer);
  }

  async #content(answer: IncomingMessage): Promise<unknown> {
    const parts: Buffer[] = [];
    for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString("utf8");
    if (answer.statusCode === 200) return JSON.parse(text);
    const told = (text === "" ? {} : JSON.parse(text)) as { error?: string; problem?: ToldProblem };
    if (told.problem) throw problemFrom(told.problem);
    const because = told.error ?? `status ${answer.statusCode}`;
    throw new LabProblem("the lab refuses", because, "npm run lab -- status");
  }

  /** Undefined: nobody listens. */
  #send(method: string, path: string, body?: unknown): Promise<IncomingMessage | undefined> {
    const key = readKeys(this.#home)?.control ?? "";
    return new Promise((resolve, reject) => {
      const sending = request(
        { socketPath: this.#home.control, method, path, headers: { Authorization: `Bearer ${key}` } },
        resolve,
      );
      sending.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNREFUSED" || error.code === "ENOENT" || error.code === "ECONNRESET")
          resolve(undefined);
        else reject(error);
      });
      sending.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

export function notRunning(): LabProblem {
  return new LabProblem("the lab is not running", "no process holds its folder", "npm run lab -- up");
}

function problemFrom({ what, because, next }: ToldProblem): LabProblem {
  return new LabProblem(what, because, next);
}
