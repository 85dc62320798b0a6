/** A stack that is up in a workspace's lab, as its user reaches it. */
import { join } from "node:path";
import { expect } from "vitest";
import { type RunOptions, run } from "../../../toolchain/process.ts";
import { askLab } from "./cloud.ts";
import type { Appliance } from "./wizard.ts";
import type { Workspace } from "./workspace.ts";

export interface Outputs {
  template: {
    id: string;
    name: string;
    zone: string;
    diskSearch: string;
    fingerprint: Record<string, string>;
  };
  connection: {
    host: string;
    ssh: { user: string; port: number; identityFile: string; knownHostsFile: string };
    urls: Record<string, string>;
    database?: { host: string; port: number; database: string; user: string; password: string };
  };
  report: string;
}

export async function outputsOf(workspace: Workspace, stack: string): Promise<Outputs> {
  const { code, stdout, text } = await workspace.command("pulumi", [
    "stack",
    "output",
    "--json",
    "--show-secrets",
    "-s",
    stack,
  ]);
  expect(code, text).toBe(0);
  return JSON.parse(stdout) as Outputs;
}

/** With the printed key and the pinned host key. */
export function sshTo(workspace: Workspace, made: Outputs, command: string, options: RunOptions = {}) {
  const { ssh: login, host } = made.connection;
  return run(
    "ssh",
    [
      "-i",
      login.identityFile,
      "-o",
      `UserKnownHostsFile=${login.knownHostsFile}`,
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      "BatchMode=yes",
      "-p",
      String(login.port),
      `${login.user}@${host}`,
      command,
    ],
    { cwd: workspace.folder, ...options },
  );
}

/** The stack's first clone, reached as root without its network. @param name of the appliance */
export async function cloneOf(workspace: Workspace, name: string): Promise<Appliance> {
  const { instances } = await askLab(workspace);
  const instance = instances.find((each) => each.startsWith(`${name}-clone`)) ?? "";
  return {
    lab: join(workspace.folder, ".ossea", "lab"),
    instance,
    inside: async (command) => {
      const { code, stdout, text } = await workspace.lab("ssh", instance, command);
      if (code !== 0) throw new Error(text);
      return stdout.trim();
    },
  };
}
