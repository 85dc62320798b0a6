import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../toolchain/process.ts";
import { paths } from "../../toolchain/project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-bootstrap-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const locked = { version: "1.0.0", integrity: "sha512-abc" };

function plant(wanted: object, installed: object | undefined): void {
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...wanted } }));
  if (!installed) return;
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  writeFileSync(join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
}

/** Asks the bootstrap's own question, through the plain JavaScript that a fresh clone runs. */
async function staleness(): Promise<string> {
  const module = join(paths.root, "toolchain", "bootstrap.mjs");
  const script = `import { staleDependencies } from ${JSON.stringify(module)};
    console.log(staleDependencies(${JSON.stringify(folder)}) ?? "in place");`;
  const result = await run(paths.node, ["--input-type=module", "--eval", script]);
  return (result.stdout + result.stderr).trim();
}

test("dependencies at their locked versions are left alone, absent optional ones too", async () => {
  const wanted = {
    "node_modules/a": locked,
    "node_modules/for-another-platform": { ...locked, optional: true },
    "sdks/cloudstack": { version: "0.1.0" },
  };
  plant(wanted, { "node_modules/a": locked });
  expect(await staleness()).toBe("in place");
});

test("a fresh clone, a moved version, a moved digest and a missing package ask for an installation", async () => {
  plant({ "node_modules/a": locked }, undefined);
  expect(await staleness()).toBe("nothing is installed yet");
  plant({ "node_modules/a": locked }, { "node_modules/a": { ...locked, version: "0.9.0" } });
  expect(await staleness()).toContain("a is not at its locked version");
  plant({ "node_modules/a": locked }, { "node_modules/a": { ...locked, integrity: "sha512-xyz" } });
  expect(await staleness()).toContain("a is not at its locked version");
  plant({ "node_modules/a": locked, "node_modules/@b/c": locked }, { "node_modules/a": locked });
  expect(await staleness()).toContain("@b/c is not at its locked version");
});

test("every command of package.json is one that the front end knows", async () => {
  const { scripts } = JSON.parse((await run("cat", ["package.json"], { cwd: paths.root })).stdout) as {
    scripts: Record<string, string>;
  };
  const unknown = await run(paths.node, ["toolchain/main.ts", "no-such-command"], { cwd: paths.root });
  expect(unknown.code).toBe(1);
  const known = /the commands are (.*)/.exec(unknown.stderr)?.[1]?.split(", ") ?? [];
  for (const [name, line] of Object.entries(scripts)) {
    expect(line).toBe(`node toolchain/bootstrap.mjs ${name}`);
    expect(known).toContain(name);
  }
});

test("an interrupt reaches the command through the bootstrap, and its exit status comes back", async () => {
  mkdirSync(join(folder, "toolchain"));
  cpSync(join(paths.root, "toolchain", "bootstrap.mjs"), join(folder, "toolchain", "bootstrap.mjs"));
  plant({}, undefined);
  symlinkSync(join(paths.root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(
    join(folder, "toolchain", "main.ts"),
    `process.on("SIGINT", () => process.exit(42)); setInterval(() => undefined, 1000); process.kill(process.ppid, "SIGINT");`,
  );
  const result = await run(paths.node, [join(folder, "toolchain", "bootstrap.mjs"), "start"]);
  expect(result.code).toBe(42);
});
