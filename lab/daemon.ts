/** The lab's process. Started by `lab up`; everything it says goes to the lab's log. */
import { parseArgs } from "node:util";
import { alreadyRunning, type StreamLine } from "./control/control.ts";
import { administratorListener, type Controlled, createControlServer } from "./control/server.ts";
import { wordsOf } from "./errors.ts";
import { type DriverName, ensureKeys, openHome } from "./home.ts";
import { Lab } from "./lab.ts";

const { values } = parseArgs({
  options: { home: { type: "string" }, driver: { type: "string" }, seed: { type: "string" } },
});
const home = openHome(values.home ?? "");
const startLines: StreamLine[] = [];
const watchers: ((line: StreamLine) => void)[] = [];
/** Resolves when somebody has asked how the start goes. */
const watched = Promise.withResolvers<void>();
let lab: Lab | undefined;
let ending: Promise<void> | undefined;

// The log is a file: where its disk is full, lines are lost and the lab goes on.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

function tell(line: StreamLine): void {
  if ("line" in line) log(line.line);
  startLines.push(line);
  for (const watcher of watchers) watcher(line);
}

const controlled: Controlled = {
  key: ensureKeys(home).control,
  lab: () => lab,
  watchStart(listener) {
    for (const line of startLines) listener(line);
    watched.resolve();
    const last = startLines.at(-1);
    if (!last || "line" in last) watchers.push(listener);
  },
  down(progress) {
    ending ??= goDown((line) => {
      log(line);
      progress(line);
    });
    return ending;
  },
};
const control = createControlServer(controlled);

async function goDown(progress: (line: string) => void): Promise<void> {
  await starting;
  await lab?.down(progress);
  progress("nothing of the lab runs any more");
  log("down");
  setImmediate(() => control.close(() => process.exit(0)));
}

/** A signal ends the process alone: machines keep running, and the next start takes them over. */
function leave(signal: NodeJS.Signals): void {
  log(`${signal}: leaving, the machines keep running`);
  ending ??= (lab?.leave() ?? Promise.resolve()).then(() => process.exit(0), fail);
}

/** Whoever started the lab is on the way to ask; it is told before the process ends. */
function fail(error: unknown): void {
  log(`failed: ${error instanceof Error ? error.stack : String(error)}`);
  tell({ failed: wordsOf(error) });
  setTimeout(watched.resolve, 5000).unref();
  watched.promise.then(() => control.close(() => process.exit(1)));
}

async function start(): Promise<void> {
  const opened = await Lab.open({
    home,
    driver: values.driver as DriverName,
    seed: values.seed,
    admin: administratorListener(controlled),
    log,
    progress: (line) => tell({ line }),
  });
  await opened.start();
  lab = opened;
  tell({ done: true });
}

process.on("SIGTERM", leave);
process.on("SIGINT", leave);
process.on("SIGHUP", () => undefined);

let starting: Promise<void> = Promise.resolve();
control.on("error", (error: NodeJS.ErrnoException) => {
  log(`control socket: ${error.message}`);
  process.exit(error.code === "EADDRINUSE" ? alreadyRunning : 1);
});
control.listen(home.control, () => {
  log(`lab process ${process.pid} in ${home.folder}`);
  process.send?.("listening");
  process.disconnect?.();
  starting = start().catch(fail);
});
