/** Runs the probe runner on this machine, with stand-ins for the commands of systemd in front of the PATH. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Probe } from "../../../appliances/checks/types.ts";

const runner = resolve("assets/common/probe/probe.py");

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "probe-"));
  readonly #bin = join(this.folder, "bin");

  constructor() {
    mkdirSync(this.#bin);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = this.path(name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** A command of the machine, as a shell script. */
  command(name: string, script: string): void {
    this.write(join("bin", name), `#!/bin/bash\ncd ${this.folder}\n${script}\n`, 0o755);
  }

  async ask(request: unknown, path = `${this.#bin}:${process.env.PATH}`): Promise<unknown> {
    const child = spawn("/usr/bin/env", ["python3", "-B", runner], {
      env: { ...process.env, PATH: path },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdin.end(JSON.stringify(request));
    const code = await new Promise((done) => child.once("close", done));
    if (code !== 0) throw new Error(`the probe runner ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async probe(probe: Probe | Record<string, unknown>): Promise<{ answer?: unknown; error?: string }> {
    const { answers } = (await this.ask({ probes: [probe] })) as {
      answers: [{ answer?: unknown; error?: string }];
    };
    return answers[0];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
