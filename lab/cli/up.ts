/** Starts the lab's process where there is none, and waits until the endpoint answers. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { Control } from "../control/client.ts";
import { alreadyRunning } from "../control/control.ts";
import { LabProblem } from "../errors.ts";
import { defaultDriver, ensureKeys, type Home, readSettings } from "../home.ts";
import type { Line } from "./line.ts";
import { lastLines } from "./logs.ts";

const largestLog = 16 * 1024 * 1024;

export async function up(line: Line): Promise<number> {
  const { home } = line;
  ensureKeys(home);
  const settings = readSettings(home);
  if (settings && line.driver !== defaultDriver && settings.driver !== line.driver) {
    throw new LabProblem(
      `this lab's driver is ${settings.driver}`,
      "a lab keeps the driver that it was made with",
      "npm run lab -- reset",
    );
  }
  const control = new Control(home);
  const show = (text: string) => console.log(text);
  if (!(await control.watchStart(show))) {
    await spawnDaemon(line);
    if (!(await control.watchStart(show))) throw ended(home);
  } else if (line.seed !== undefined) {
    throw new LabProblem(
      "--seed is for a new lab",
      "this one runs already",
      "npm run lab -- seed WORD   # for the ids to come; or: npm run lab -- reset",
    );
  }
  const status = await control.status();
  if (!status) throw ended(home);
  console.log(`the lab answers at ${status.url}`);
  console.log(`and shows itself at ${status.page}`);
  return 0;
}

async function spawnDaemon({ home, driver, seed }: Line): Promise<void> {
  const daemon = join(import.meta.dirname, "..", "daemon.ts");
  if (existsSync(home.log) && statSync(home.log).size > largestLog) renameSync(home.log, `${home.log}.1`);
  const log = openSync(home.log, "a", 0o600);
  const args = ["--home", home.folder, "--driver", driver, ...(seed === undefined ? [] : [`--seed=${seed}`])];
  const child = spawn(process.execPath, [daemon, ...args], {
    detached: true,
    cwd: home.folder,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const code = await new Promise<number | null | undefined>((resolve, reject) => {
    child.once("message", () => resolve(undefined));
    child.once("exit", resolve);
    child.once("error", reject);
  });
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
  // Another `up` was faster: its lab is as good.
  if (code !== undefined && code !== alreadyRunning) throw ended(home);
}

function ended(home: Home): LabProblem {
  return new LabProblem(
    "the lab's process ended at once",
    lastLines(home, 5) || "it said nothing",
    "npm run lab -- logs",
  );
}
