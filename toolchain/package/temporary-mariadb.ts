/** A real MariaDB server in a temporary folder, for as long as it is needed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryMariaDb {
  socket: string;
  /** Runs SQL as root; the answer's lines, columns separated by tabs. */
  root(sql: string, database?: string): string;
  /** Stops the server at once, as a crash would. */
  kill(): void;
  stop(): Promise<void>;
}

export const mariaDbProgram = "/usr/sbin/mariadbd";

export function hasMariaDb(): boolean {
  return existsSync(mariaDbProgram);
}

/** @param port on loopback; without one the server is reached by its socket alone */
export async function startTemporaryMariaDb(port?: number): Promise<TemporaryMariaDb> {
  const folder = mkdtempSync(join(tmpdir(), "mariadb-"));
  const data = join(folder, "data");
  const socket = join(folder, "s");
  const asRoot = process.getuid?.() === 0;
  if (asRoot) execFileSync("chown", ["mysql:mysql", folder]);
  const who = asRoot ? ["--user=mysql"] : [];
  execFileSync(
    "mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--skip-test-db",
      "--auth-root-authentication-method=normal",
      ...who,
    ],
    { stdio: "pipe" },
  );
  const log = join(folder, "log.err");
  const daemon = spawn(
    mariaDbProgram,
    [
      "--no-defaults",
      `--datadir=${data}`,
      `--socket=${socket}`,
      ...(port === undefined ? ["--skip-networking"] : [`--port=${port}`, "--bind-address=127.0.0.1"]),
      `--log-error=${log}`,
      `--pid-file=${join(folder, "pid")}`,
      "--innodb-buffer-pool-size=32M",
      // Nothing here outlives its use, so nothing need reach the disk.
      "--innodb-flush-method=nosync",
      "--innodb-flush-log-at-trx-commit=0",
      ...who,
    ],
    { stdio: "ignore" },
  );
  await ready(daemon, log);
  return {
    socket,
    root: (sql, database) =>
      execFileSync(
        "mariadb",
        [`--socket=${socket}`, "--user=root", "--skip-column-names", ...(database ? [database] : [])],
        { input: sql, encoding: "utf8" },
      ),
    kill: () => {
      daemon.kill("SIGKILL");
    },
    stop: async () => {
      const gone = new Promise((resolve) => daemon.once("exit", resolve));
      if (daemon.exitCode === null && daemon.signalCode === null && daemon.kill("SIGKILL")) await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(daemon: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  const text = () => (existsSync(log) ? readFileSync(log, "utf8") : "");
  while (!text().includes("ready for connections")) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      daemon.kill("SIGKILL");
      throw new Error(`MariaDB does not start:\n${text()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
