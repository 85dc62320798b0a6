/** Set-up from an empty cache with the Go build, step by step, in a clone of its own: the price of the first start. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, show } from "../toolchain/process.ts";
import { root } from "../toolchain/project.ts";
import { measured } from "./support/figures.ts";

const home = mkdtempSync(join(tmpdir(), "set-up-"));
const clone = join(home, "clone");
try {
  const cloned = await run("git", ["clone", "--quiet", "--depth=1", `file://${root}`, clone]);
  if (cloned.code !== 0) throw new Error(cloned.stderr);
  // Every step of the set-up prints its own time; language caches are empty, since HOME is.
  const env = { PATH: process.env.PATH, HOME: home, LANG: process.env.LANG };
  const seconds = await measured(async () => {
    const code = await show("node", ["toolchain/bootstrap.mjs", "lab", "up"], { cwd: clone, env });
    if (code !== 0) throw new Error(`the lab of the clone: exit status ${code}`);
    const engine = await show("node", ["toolchain/bootstrap.mjs", "pulumi", "version"], { cwd: clone, env });
    if (engine !== 0) throw new Error(`the engine of the clone: exit status ${engine}`);
  });
  process.stdout.write(`set-up from an empty cache, all steps: ${Math.round(seconds)} s\n`);
  await show("node", ["toolchain/bootstrap.mjs", "lab", "down"], { cwd: clone, env });
} finally {
  await run("chmod", ["-R", "u+w", home]);
  rmSync(home, { recursive: true, force: true });
}
