/**
 * A checkout of the project of its own, as a user has one: own state, own lab. Only the installed dependencies are
 * shared. Faults are planted in its files, commands are run as a user types them.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { run } from "../../../toolchain/process.ts";
import { root } from "../../../toolchain/project.ts";

export interface Outcome {
  code: number;
  /** Standard output and standard error as they came. */
  text: string;
  stdout: string;
}

export interface Workspace {
  folder: string;
  /** `npm run COMMAND -- ARGS`, or `npm start`. */
  command(name: string, args?: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Outcome>;
  /** As `command`, killed with SIGKILL, engine and providers included, the moment that `at` says so. */
  killed(name: string, args: readonly string[], at: KillMoment): Promise<Outcome>;
  lab(...args: string[]): Promise<Outcome>;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Puts a file back as it is in the project. */
  restore(path: string): void;
  config(values: Readonly<Record<string, string | number | readonly string[]>>): void;
  /** Destroys the stack, ends the lab, removes the folder. */
  remove(): Promise<void>;
}

/** Called with all text so far, after each new piece. */
export type KillMoment = (text: string) => boolean | Promise<boolean>;

const stackFile = "Pulumi.dev.yaml";

/** @param settings of the stack dev, beside those of its file */
export async function makeWorkspace(settings: Parameters<Workspace["config"]>[0] = {}): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), "appliance-"));
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  if (listed.code !== 0) throw new Error(`git ls-files: ${listed.stderr}`);
  for (const path of listed.stdout.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { force: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));

  const workspace: Workspace = {
    folder,
    command: (name, args = [], environment = {}) => outcomeOf(folder, name, args, environment),
    killed: (name, args, at) => outcomeOf(folder, name, args, {}, at),
    lab: (...args) => outcomeOf(folder, "lab", args, {}),
    read: (path) => readFileSync(join(folder, path), "utf8"),
    write: (path, text) => writeFileSync(join(folder, path), text),
    restore: (path) => cpSync(join(root, path), join(folder, path)),
    config: (values) => {
      const file = parseDocument(workspace.read(stackFile));
      for (const [key, value] of Object.entries(values))
        file.setIn(["config", `ossea-appliances:${key}`], value);
      workspace.write(stackFile, file.toString());
    },
    remove: async () => {
      const down = await outcomeOf(folder, "lab", ["reset"], {});
      const off = await outcomeOf(folder, "lab", ["down"], {});
      if (down.code !== 0 || off.code !== 0) throw new Error(`the lab stays: ${down.text}${off.text}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  workspace.config(settings);
  return workspace;
}

/** Variables of the project that runs the tests would lead the workspace to that project's state. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI_|CLOUDSTACK_|VITEST|NODE_OPTIONS|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

function outcomeOf(
  folder: string,
  name: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  at?: KillMoment,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn("node", ["toolchain/bootstrap.mjs", name, ...args], {
      cwd: folder,
      env: { ...cleanEnvironment(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: at !== undefined,
    });
    let text = "";
    let stdout = "";
    let ended = false;
    let looking = false;
    const look = async () => {
      if (!at || ended || looking) return;
      looking = true;
      const ripe = await at(text);
      looking = false;
      if (!ripe || ended || child.pid === undefined) return;
      ended = true;
      process.kill(-child.pid, "SIGKILL");
    };
    const timer = at && setInterval(() => look().catch(reject), 20);
    const add = (piece: string) => {
      text += piece;
      look().catch(reject);
    };
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
      add(piece);
    });
    child.stderr.setEncoding("utf8").on("data", add);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      ended = true;
      resolve({ code: code ?? 137, text, stdout });
    });
  });
}
