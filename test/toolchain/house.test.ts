import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { engineKey } from "../../toolchain/engine/engine.ts";
import { readRecord } from "../../toolchain/engine/record.ts";
import { engineEnvironment } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/process.ts";
import { paths } from "../../toolchain/project.ts";
import { readSchema, sdkDrift, sdkProviders } from "../../toolchain/sdk/generate.ts";

const tool = (name: string) => join(paths.nodeModulesBin, name);
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: paths.root,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => name && existsSync(join(paths.root, name)));

/** Runs a judge over the house; its words are shown when it finds something. */
async function expectClean(program: string, args: readonly string[]): Promise<void> {
  const result = await run(program, args, { cwd: paths.root });
  expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(0);
}

test("one formatter and one linter find nothing", () =>
  expectClean(tool("biome"), ["ci", "--max-diagnostics=50", "--error-on-warnings", "."]));

test("the strict type checker finds nothing", () => expectClean(tool("tsc"), ["-p", "."]));

function isShell(name: string): boolean {
  if (name.endsWith(".sh")) return true;
  const start = readFileSync(join(paths.root, name)).subarray(0, 80).toString("latin1");
  return /^#!.*\b(ba|da)?sh\b/.test(start);
}

test("shellcheck finds nothing in any script", async () => {
  const scripts = tracked.filter((name) => !name.startsWith("sdks/") && isShell(name));
  expect(scripts).toContain(".ci/run");
  await expectClean("shellcheck", ["--external-sources", ...scripts]);
});

test("every judge sees a planted fault, and passes its mended form", async () => {
  const shell = (input: string) => run("shellcheck", ["-"], { input });
  expect((await shell('#!/bin/bash\nrm -rf $1/"x"\n')).code).not.toBe(0);
  expect((await shell('#!/bin/bash\nrm -rf "$1/x"\n')).code).toBe(0);

  const folder = mkdtempSync(join(tmpdir(), "ossea-planted-"));
  const file = join(folder, "planted.ts");
  const judge = async (text: string, program: string, args: readonly string[]) => {
    writeFileSync(file, text);
    return (await run(tool(program), [...args, file])).code;
  };
  const lint = (text: string) =>
    judge(text, "biome", ["lint", `--config-path=${paths.root}`, "--vcs-enabled=false"]);
  expect(await lint("export const planted: any = 1;\n")).not.toBe(0);
  expect(await lint("export const planted = 1;\n")).toBe(0);
  const types = (text: string) => judge(text, "tsc", ["--noEmit", "--strict"]);
  expect(await types("export const planted: number = 'one';\n")).not.toBe(0);
  expect(await types("export const planted: number = 1;\n")).toBe(0);
  rmSync(folder, { recursive: true });
});

test.each(sdkProviders)(
  "the committed SDK %s is the one that its provider's schema asks for",
  async (name) => {
    const record = readRecord(paths.engineRecord, engineKey(paths));
    expect(record, "the set-up has not been run: npm test").toBeDefined();
    if (!record) return;
    const environment = engineEnvironment({ paths, engine: record.engine, given: process.env });
    const schema = await readSchema(join(paths.root, "providers", name), name, environment);
    expect(sdkDrift(join(paths.root, "sdks", name), schema), "npm run sdk").toBeUndefined();
  },
);
