/** The lab's folder: where its files are, its keys, and the settings that it keeps from one start to the next. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Keys } from "./api/signature.ts";
import type { PublicBlock } from "./cloud/cloud.ts";
import { LabProblem } from "./errors.ts";

export const driverNames = ["nspawn", "qemu", "none"] as const;
export const defaultDriver = "nspawn";
export type DriverName = (typeof driverNames)[number];

export interface Home {
  readonly folder: string;
  readonly state: string;
  readonly log: string;
  readonly settings: string;
  readonly keys: string;
  /**
   * Name of the control socket in Linux's abstract namespace: it needs no path, however deep the folder is, it goes
   * with its process, and only one process can hold it, so it is the lab's lock as well.
   */
  readonly control: string;
}

export interface Settings {
  driver: DriverName;
  /** Loopback port of the endpoint; 0 before the first start. */
  port: number;
  publicBlock: PublicBlock;
}

export interface LabKeys extends Keys {
  /** Opens the control socket. */
  control: string;
  /** Of the administrator, for clients that log in. */
  password: string;
}

export const defaultHome = resolve(import.meta.dirname, "..", ".ossea", "lab");

export function openHome(folder: string): Home {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realpathSync(folder);
  const digest = createHash("sha256").update(real).digest("hex").slice(0, 32);
  return {
    folder: real,
    state: join(real, "state"),
    log: join(real, "lab.log"),
    settings: join(real, "settings.json"),
    keys: join(real, "keys.json"),
    control: `\0ossea-lab-${digest}`,
  };
}

export function readSettings(home: Home): Settings | undefined {
  if (!existsSync(home.settings)) return undefined;
  return parse<Settings>(home.settings);
}

export function writeSettings(home: Home, settings: Settings): void {
  writeWhole(home.settings, settings);
}

export function readKeys(home: Home): LabKeys | undefined {
  return existsSync(home.keys) ? parse<LabKeys>(home.keys) : undefined;
}

/** Makes the keys at the first start; they stay until the lab is reset. */
export function ensureKeys(home: Home): LabKeys {
  const known = readKeys(home);
  if (known?.password !== undefined) return known;
  const key = () => randomBytes(64).toString("base64url");
  const password = randomBytes(18).toString("base64url");
  // Labs from before there were log-ins have the keys and no password.
  const keys = { apiKey: key(), secretKey: key(), control: key(), ...known, password };
  writeWhole(home.keys, keys);
  return keys;
}

function parse<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    throw new LabProblem(`${path} cannot be read`, String(error), "npm run lab -- reset", error);
  }
}

function writeWhole(path: string, content: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(content, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
