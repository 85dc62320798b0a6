/**
 * Named states: everything that a lab has - rows, disks, layers - in a folder of its own, and back. A restore is made
 * whole beside the lab first and then moved into its place; killed in between, the next start ends the move.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LabProblem } from "./errors.ts";
import type { Home } from "./home.ts";
import { host } from "./host.ts";

export interface SavedState {
  readonly name: string;
  /** ISO 8601. */
  readonly saved: string;
  readonly instances: number;
  readonly templates: number;
}

/** Of this lab's process and its clients, not of the state that it is in. */
const ofTheLab = [
  "settings.json",
  "keys.json",
  "lab.log",
  "lab.log.1",
  "states",
  "restoring",
  "restoring.new",
];
/** Made again from the rows when machines start. */
const madeAgain = ["network"];

const aboutFile = "about.json";
const contents = "contents";

const stateName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** @throws LabProblem where it is none, so that nothing but a folder's name is ever made of it */
export function checkStateName(name: unknown): asserts name is string {
  if (typeof name === "string" && stateName.test(name)) return;
  throw new LabProblem(
    `no name for a state: ${String(name).slice(0, 100)}`,
    "a name has 1 to 63 letters, digits, dots, dashes and underscores, and begins with a letter or digit",
    "npm run lab -- state save NAME",
  );
}

export function listStates(home: Home): SavedState[] {
  const folder = statesFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => stateName.test(name) && existsSync(join(folder, name, aboutFile)))
    .sort()
    .map((name) => {
      const about = JSON.parse(readFileSync(join(folder, name, aboutFile), "utf8")) as SavedState;
      return { ...about, name };
    });
}

export function needState(home: Home, name: string): void {
  checkStateName(name);
  if (existsSync(join(statesFolder(home), name, aboutFile))) return;
  const names = listStates(home).map((state) => state.name);
  throw new LabProblem(
    `no state is named ${name}`,
    `the saved states are: ${names.join(", ") || "none"}`,
    "npm run lab -- state list",
  );
}

/** Nothing of the lab may change meanwhile. One of the same name is replaced once the new one is whole. */
export async function saveState(home: Home, about: SavedState): Promise<void> {
  const place = join(statesFolder(home), about.name);
  const fresh = `${place}.new~`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    await copyAll(home.folder, join(fresh, contents));
    writeFileSync(join(fresh, aboutFile), JSON.stringify(about), { mode: 0o600 });
    await host("sync", ["--file-system", fresh]);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new LabProblem(
      `the state ${about.name} is not saved`,
      (error as { because?: string }).because ?? String(error),
      "npm run lab -- state list",
      error,
    );
  }
  removeFolder(place);
  renameSync(fresh, place);
}

export function removeState(home: Home, name: string): void {
  needState(home, name);
  removeFolder(join(statesFolder(home), name));
}

/** Under its name it is whole until it is gone. */
function removeFolder(place: string): void {
  const old = `${place}.old~`;
  rmSync(old, { recursive: true, force: true });
  if (!existsSync(place)) return;
  renameSync(place, old);
  rmSync(old, { recursive: true });
}

/** Copies a state beside the lab; nothing of the lab changes yet. */
export async function stageState(home: Home, name: string): Promise<void> {
  needState(home, name);
  const { fresh, whole } = stagePaths(home);
  rmSync(fresh, { recursive: true, force: true });
  try {
    await copyAll(join(statesFolder(home), name, contents), join(fresh, contents));
    writeFileSync(join(fresh, "names.json"), JSON.stringify(readdirSync(join(fresh, contents))));
    await host("sync", ["--file-system", fresh]);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new LabProblem(
      `the state ${name} is not restored, the lab is as it was`,
      (error as { because?: string }).because ?? String(error),
      "npm run lab -- status",
      error,
    );
  }
  renameSync(fresh, whole);
}

/** Puts a staged state in the lab's place, also one that a killed lab had begun to; without one nothing happens. */
export function takeStagedState(home: Home): void {
  const { fresh, whole } = stagePaths(home);
  rmSync(fresh, { recursive: true, force: true });
  if (!existsSync(whole)) return;
  const names = JSON.parse(readFileSync(join(whole, "names.json"), "utf8")) as string[];
  for (const name of readdirSync(home.folder)) {
    if (!ofTheLab.includes(name) && !names.includes(name)) emptied(join(home.folder, name));
  }
  for (const name of names) {
    const staged = join(whole, contents, name);
    if (!existsSync(staged)) continue;
    rmSync(join(home.folder, name), { recursive: true, force: true });
    renameSync(staged, join(home.folder, name));
  }
  rmSync(whole, { recursive: true });
}

/** A folder stays, for those who made it when the lab was opened. */
function emptied(path: string): void {
  const isFolder = lstatSync(path).isDirectory();
  rmSync(path, { recursive: true });
  if (isFolder) mkdirSync(path, { mode: 0o700 });
}

async function copyAll(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const names = readdirSync(from).filter((name) => !ofTheLab.includes(name) && !madeAgain.includes(name));
  for (const name of names) {
    // Layers never change once they are made: a second name for each is copy enough.
    const how = name === "layers" ? "--link" : "--sparse=always";
    await host("cp", ["--archive", "--reflink=auto", how, "--", join(from, name), to]);
  }
}

function statesFolder({ folder }: Home): string {
  return join(folder, "states");
}

function stagePaths({ folder }: Home): { fresh: string; whole: string } {
  return { fresh: join(folder, "restoring.new"), whole: join(folder, "restoring") };
}
