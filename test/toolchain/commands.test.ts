/** The commands as a user types them, with the real engine, on a project that is as small as one can be. */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunResult, run } from "../../toolchain/process.ts";
import { paths } from "../../toolchain/project.ts";

let folder: string;

const program = (wait: string) => `
import * as pulumi from "@pulumi/pulumi";
const url = process.env.CLOUDSTACK_API_URL;
if (!url) throw new Error("the lab's keys did not reach the program");
${wait}
export const template = { id: "42", name: "oma" };
export const connection = { host: pulumi.output("127.9.0.2"), database: pulumi.secret("hunter2") };
export const report = ".ossea/reports/dev/proof.html";
`;

const lab = `
import { appendFileSync } from "node:fs";
appendFileSync("lab-calls", process.argv[2] + "\\n");
if (process.argv[2] === "env") console.log("CLOUDSTACK_API_URL=http://127.0.0.1:1/client/api\\nCLOUDSTACK_API_KEY=k\\nCLOUDSTACK_SECRET_KEY=s");
`;

const stackFile =
  "# a comment that must stay\nconfig:\n  tiny:zone: z\n  tiny:network: n\n  tiny:serviceOffering: o\n  tiny:baseTemplates: [t]\n";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-commands-"));
  for (const name of [
    "toolchain",
    "common",
    "appliances",
    "inputs",
    "config.ts",
    "providers/rpc",
    "providers/cloudstack",
  ])
    cpSync(join(paths.root, name), join(folder, name), { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    cpSync(join(paths.root, name), join(folder, name));
  symlinkSync(join(paths.root, "node_modules"), join(folder, "node_modules"));
  for (const name of ["command", "random"]) {
    const provider = join(folder, "providers", name);
    mkdirSync(provider, { recursive: true });
    writeFileSync(join(provider, `pulumi-resource-${name}`), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  }
  mkdirSync(join(folder, "lab"));
  writeFileSync(join(folder, "lab", "main.ts"), lab);
  writeFileSync(join(folder, "index.ts"), program(""));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    "name: tiny\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
  );
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stackFile);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function environment(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env).filter(([name]) => !/^(PULUMI|CLOUDSTACK)_/.test(name));
  return Object.fromEntries(given);
}

const command = (...args: string[]): Promise<RunResult> =>
  run(paths.node, ["toolchain/bootstrap.mjs", ...args], { cwd: folder, env: environment() });

test("start makes everything and prints the outputs; the second start changes nothing", async () => {
  const first = await command("start");
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toContain("Stack dev is up.");
  expect(first.stdout).toContain("host      127.9.0.2");
  expect(first.stdout).toContain("[secret: npm run pulumi -- stack output --show-secrets connection -s dev]");
  expect(first.stdout).toContain(".ossea/reports/dev/proof.html");
  expect(first.stdout + first.stderr).not.toContain("hunter2");
  expect(first.stderr).not.toContain("warning:");
  expect(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(stackFile);
  expect(readFileSync(join(folder, "lab-calls"), "utf8")).toBe("up\nenv\n");

  const second = await command("start");
  expect(second.stdout).toContain("Nothing changed: stack dev is up to date.");
});

test("secrets can be shown by the command that the outputs name, without the lab", async () => {
  writeFileSync(join(folder, "lab-calls"), "");
  const shown = await command("pulumi", "stack", "output", "--show-secrets", "connection", "-s", "dev");
  expect(shown.stdout, shown.stderr).toContain("hunter2");
  expect(readFileSync(join(folder, "lab-calls"), "utf8")).toBe("");
});

test("the sources of the engine and of the plugins are written down", () => {
  const record = JSON.parse(readFileSync(join(folder, ".ossea", "engine.json"), "utf8"));
  expect(record.engine.source).toMatch(/installed pulumi|official download|Go module build/);
  expect(record.plugins.map(({ name }: { name: string }) => name)).toEqual(["command", "random"]);
  for (const { source, folder: plugin } of record.plugins) {
    expect(existsSync(join(plugin, "stand-in"))).toBe(source === "stand-in");
  }
});

test("an interrupt leaves a state that works, and so does a kill", async () => {
  const endless = program("await new Promise((resolve) => setTimeout(resolve, 600_000));");
  writeFileSync(join(folder, "index.ts"), endless);
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const child = spawn(paths.node, ["toolchain/bootstrap.mjs", "start"], {
      cwd: folder,
      env: environment(),
      stdio: "pipe",
      detached: true,
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await new Promise<void>((resolve) =>
      child.stdout.on("data", (text: Buffer) => {
        if (text.toString().includes("pdating")) resolve();
      }),
    );
    if (signal === "SIGKILL") process.kill(-(child.pid ?? 0), "SIGKILL");
    else child.kill("SIGINT");
    expect(await ended).not.toBe(0);
  }
  writeFileSync(join(folder, "index.ts"), program(""));
  const after = await command("start");
  expect(after.code, after.stderr).toBe(0);
  const locks = join(folder, ".ossea", "state", ".pulumi", "locks");
  const left = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
  expect(left.filter((name) => name.endsWith(".json"))).toEqual([]);
});

test("a failing program ends with its exit code and a word on what to do", async () => {
  writeFileSync(join(folder, "index.ts"), 'throw new Error("planted");\n');
  const failed = await command("start");
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain("Its state is usable");
  writeFileSync(join(folder, "index.ts"), program(""));
});

test("destroy removes the stack's resources, and an unknown stack is named with what to do", async () => {
  expect((await command("destroy")).code).toBe(0);
  const unknown = await command("start", "--stack", "nowhere");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("unknown stack: nowhere");
  const never = await command("destroy", "--stack", "nowhere");
  expect(never.stdout).toContain("Nothing to destroy");
});
