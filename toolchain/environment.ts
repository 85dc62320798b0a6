/** The environment in which the engine runs: its own home, state and passphrase, and the lab's keys for lab stacks. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { EngineRecord } from "./engine/record.ts";
import type { ProjectPaths } from "./project.ts";

/** Stacks whose cloud is the lab; every other stack's cloud is named by CLOUDSTACK_* of the user. */
export const labStacks: readonly string[] = ["dev", "dev-vma"];

export function isLabStack(stack: string): boolean {
  return labStacks.includes(stack);
}

export interface EnvironmentInputs {
  paths: ProjectPaths;
  engine: EngineRecord["engine"];
  /** The user's environment. */
  given: NodeJS.ProcessEnv;
  /** What `lab env` prints, parsed; only for lab stacks. */
  lab?: Readonly<Record<string, string>> | undefined;
}

/**
 * A backend or passphrase that the user named stays; PULUMI_HOME is always the project's own.
 */
export function engineEnvironment({ paths, engine, given, lab }: EnvironmentInputs): NodeJS.ProcessEnv {
  const folders = [dirname(engine.cli), engine.hostFolder, dirname(paths.node), paths.nodeModulesBin];
  const environment: NodeJS.ProcessEnv = {
    ...given,
    ...lab,
    PATH: [...new Set([...folders, ...(given.PATH ?? "").split(delimiter)])].join(delimiter),
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The program and four providers start with every command: compiled code is kept from one to the next.
    NODE_COMPILE_CACHE: given.NODE_COMPILE_CACHE ?? join(paths.own, "compile-cache"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  if (!given.PULUMI_BACKEND_URL) environment.PULUMI_BACKEND_URL = `file://${paths.state}`;
  if (given.PULUMI_CONFIG_PASSPHRASE === undefined && !given.PULUMI_CONFIG_PASSPHRASE_FILE) {
    environment.PULUMI_CONFIG_PASSPHRASE_FILE = paths.passphrase;
  }
  return environment;
}

/** The folders and the passphrase that the environment names. The passphrase is made once. */
export function ensureOwnFolders(paths: ProjectPaths): void {
  for (const folder of [paths.own, paths.pulumiHome, paths.state]) mkdirSync(folder, { recursive: true });
  if (existsSync(paths.passphrase)) return;
  try {
    writeFileSync(paths.passphrase, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Reads the lines KEY=VALUE of `lab env`; anything else is left out. */
export function parseEnvironmentLines(text: string): Record<string, string> {
  const pairs = text.split("\n").flatMap((line) => {
    const found = /^(?:export )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    return found ? [[found[1] ?? "", unquoted(found[2] ?? "")] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function unquoted(text: string): string {
  const found = /^(['"])(.*)\1$/.exec(text);
  return found ? (found[2] ?? "") : text;
}
