/** A lab as a user has it: its own folder, its own process, started and ended by its command line. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Control } from "../../../lab/control/client.ts";
import { type DriverName, openHome, readKeys, readSettings } from "../../../lab/home.ts";
import { Client } from "./client.ts";

const main = resolve(import.meta.dirname, "../../../lab/main.ts");

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export class LabProcess {
  readonly home: string;
  readonly driver: DriverName;

  constructor(driver: DriverName = "none", parent = tmpdir()) {
    this.driver = driver;
    this.home = mkdtempSync(join(parent, "lab-"));
  }

  /** `node lab/main.ts --home ... ARGS` */
  run(...args: string[]): Promise<Ran> {
    return new Promise((resolve) => {
      execFile(process.execPath, [main, "--home", this.home, ...args], (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }

  async up(...args: string[]): Promise<Client> {
    const { code, stdout, stderr } = await this.run("up", "--driver", this.driver, ...args);
    if (code !== 0) throw new Error(`lab up: ${stdout}${stderr}\n${this.log()}`);
    return this.client();
  }

  client(): Client {
    const home = openHome(this.home);
    const [keys, settings] = [readKeys(home), readSettings(home)];
    if (!keys || !settings) throw new Error("the lab was never up");
    return new Client({ url: `http://127.0.0.1:${settings.port}/client/api`, ...keys });
  }

  /** The control socket, for what would only cost time through the command line. */
  get control(): Control {
    return new Control(openHome(this.home));
  }

  async pid(): Promise<number> {
    const pid = await this.control.pid();
    if (pid === undefined) throw new Error("the lab does not run");
    return pid;
  }

  /** As a power cut ends it; resolves when the process is gone. */
  async kill(): Promise<void> {
    const pid = await this.pid();
    process.kill(pid, "SIGKILL");
    await gone(pid);
  }

  log(): string {
    return readFileSync(join(this.home, "lab.log"), "utf8");
  }

  async end(): Promise<void> {
    const { code, stderr } = await this.run("reset");
    if (code !== 0) throw new Error(`lab reset: ${stderr}`);
    rmSync(this.home, { recursive: true, force: true });
  }
}

export async function gone(pid: number): Promise<void> {
  while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A zombie is gone: it only waits for whoever reaps it. */
export function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
