/** A person's way into guests: a key of their own, and ssh from the host. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "../../lab/support/client.ts";

export class Guests {
  readonly #folder = mkdtempSync(join(tmpdir(), "lab-keys-"));
  readonly #key = join(this.#folder, "key");
  #user = "";

  constructor() {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", this.#key]);
  }

  /** Registers the key as "test". */
  async register(client: Client): Promise<void> {
    const publickey = readFileSync(`${this.#key}.pub`, "utf8").trim();
    await client.call("registerSSHKeyPair", { name: "test", publickey }, "POST");
    const {
      template: [base],
    } = await client.call("listTemplates", { templatefilter: "featured" });
    this.#user = base.name.startsWith("Ubuntu") ? "ubuntu" : "debian";
  }

  /** What the command says; rejects when it fails or the guest cannot be reached. */
  ssh(address: string, command: string, port = 22): Promise<string> {
    const options = [
      `Port=${port}`,
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "BatchMode=yes",
      "ConnectTimeout=5",
      "LogLevel=ERROR",
    ].flatMap((option) => ["-o", option]);
    return new Promise((resolve, reject) => {
      execFile(
        "ssh",
        ["-i", this.#key, ...options, `${this.#user}@${address}`, command],
        (error, stdout, stderr) =>
          error ? reject(new Error(`${stdout}${stderr}`.trim(), { cause: error })) : resolve(stdout.trim()),
      );
    });
  }

  /** A machine that boots refuses connections until its sshd and its key are there. */
  async login(address: string, command: string, port = 22): Promise<string> {
    const deadline = Date.now() + 120_000;
    for (;;) {
      try {
        return await this.ssh(address, command, port);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  end(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
