/** A lab of a measurement's own, without guests: its process, asked by signed requests over connections that are kept. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { type Keys, signedForm } from "../../providers/cloudstack/client/signature.ts";
import { parseEnvironmentLines } from "../../toolchain/environment.ts";
import { root } from "../../toolchain/project.ts";
import { measured } from "./figures.ts";

const execute = promisify(execFile);
const statusShape = z.object({ pid: z.number() });
const jobShape = z.object({ jobstatus: z.number() });

export type Answer = Record<string, unknown>;

export class OwnLab {
  readonly #home = mkdtempSync(join(tmpdir(), "lab-bench-"));
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  #url = new URL("http://127.0.0.1");
  #keys: Keys = { apiKey: "", secretKey: "" };

  async run(...args: string[]): Promise<string> {
    const main = join(root, "lab", "main.ts");
    const { stdout } = await execute(process.execPath, [main, "--home", this.#home, ...args]);
    return stdout;
  }

  /** @returns seconds until it answered */
  async up(): Promise<number> {
    const seconds = await measured(() => this.run("up", "--driver", "none"));
    const { CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY, CLOUDSTACK_SECRET_KEY } = parseEnvironmentLines(
      await this.run("env"),
    );
    this.#url = new URL(CLOUDSTACK_API_URL ?? "");
    this.#keys = { apiKey: CLOUDSTACK_API_KEY ?? "", secretKey: CLOUDSTACK_SECRET_KEY ?? "" };
    return seconds;
  }

  async kill(): Promise<void> {
    const pid = await this.pid();
    process.kill(pid, "SIGKILL");
    while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async pid(): Promise<number> {
    return statusShape.parse(JSON.parse(await this.run("status", "--json"))).pid;
  }

  /** MiB of memory that its process holds. */
  async memory(): Promise<number> {
    const status = readFileSync(`/proc/${await this.pid()}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1]) / 1024;
  }

  /** What is inside of the answer's outer key. @throws Error with the status and the text of any but a good one */
  async call(command: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const form = signedForm(command, parameters, this.#keys, new Date());
    const { status, text } = await this.#send(`${this.#url.pathname}?${form}`);
    if (status !== 200) throw new Error(`${command}: HTTP ${status}: ${text}`);
    return Object.values(JSON.parse(text) as Record<string, Answer>)[0] ?? {};
  }

  async done(jobid: string): Promise<void> {
    for (;;) {
      const { jobstatus } = jobShape.parse(await this.call("queryAsyncJobResult", { jobid }));
      if (jobstatus === 2) throw new Error(`job ${jobid} failed`);
      if (jobstatus === 1) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async end(): Promise<void> {
    this.#agent.destroy();
    await this.run("reset");
    rmSync(this.#home, { recursive: true, force: true });
  }

  #send(path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const sending = request({ hostname, port, path, agent: this.#agent }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
        );
      });
      sending.on("error", reject);
      sending.end();
    });
  }
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
