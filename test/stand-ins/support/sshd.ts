import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { generateKeyPair, type KeyPair, type SshTarget } from "../../../providers/ssh/index.ts";

/** A real OpenSSH server on loopback that lets the current user in by one key. */
export interface Sshd {
  port: number;
  user: string;
  folder: string;
  clientKey: KeyPair;
  hostKey: string;
  target: SshTarget;
  /** What sshd wrote to its log so far. */
  log(): string;
  /** How many logins the log tells of. */
  logins(): number;
  stop(): Promise<void>;
}

export async function startSshd(
  options: { port?: number; acceptEnv?: string; config?: string[] } = {},
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  const port = options.port ?? (await freePort());
  const host = generateKeyPair("host");
  const clientKey = generateKeyPair("client");
  const path = (name: string) => join(folder, name);
  writeFileSync(path("host_key"), host.privateKey, { mode: 0o600 });
  writeFileSync(path("authorized_keys"), `${clientKey.publicKey}\n`, { mode: 0o600 });
  writeFileSync(
    path("sshd_config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${path("host_key")}`,
      `AuthorizedKeysFile ${path("authorized_keys")}`,
      `PidFile ${path("pid")}`,
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "StrictModes no",
      "UsePAM no",
      "MaxStartups 100:30:200",
      `AcceptEnv ${options.acceptEnv ?? "CASE_* PULUMI_COMMAND_*"}`,
      "Subsystem sftp internal-sftp",
      "LogLevel VERBOSE",
      ...(options.config ?? []),
    ].join("\n"),
  );
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
  chmodSync(folder, 0o755);
  const daemon = spawn(sshdPath(), ["-D", "-f", path("sshd_config"), "-E", path("log")], { stdio: "ignore" });
  await listening(daemon, () => readLog(path("log")));
  const user = userInfo().username;
  return {
    port,
    user,
    folder,
    clientKey,
    hostKey: host.publicKey,
    target: { host: "127.0.0.1", port, user, privateKey: clientKey.privateKey, hostKey: host.publicKey },
    log: () => readLog(path("log")),
    logins: () =>
      readLog(path("log"))
        .split("\n")
        .filter((line) => line.startsWith("Accepted publickey")).length,
    stop: async () => {
      const gone = new Promise((resolve) => daemon.once("exit", resolve));
      if (daemon.exitCode === null && daemon.kill("SIGTERM")) await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readLog(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function sshdPath(): string {
  const path = ["/usr/sbin/sshd", "/usr/bin/sshd"].find(existsSync);
  if (!path) throw new Error("these tests need OpenSSH's sshd: apt-get install openssh-server");
  return path;
}

async function listening(daemon: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!log().includes("Server listening")) {
    if (daemon.exitCode !== null) throw new Error(`sshd ended at once:\n${log()}`);
    if (Date.now() > deadline) throw new Error(`sshd does not listen:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A loopback port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
