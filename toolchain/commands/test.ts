/**
 * npm test [vitest arguments]: set-up, every test, and one last line that counts them.
 * npm run test:endpoint: the life of every resource at the CloudStack that the environment names.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { engineEnvironment } from "../environment.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { setUp } from "../setup.ts";
import type { Need } from "../system/install.ts";
import { countResults, lastLine, type TestCounts } from "../test-counts.ts";
import type { Command } from "./command.ts";

export const test: Command = (args) =>
  counted("all", ["lab", "qemu", "test"], ["--project=plain", "--project=machines", ...args]);

export const testEndpoint: Command = (args) => counted("endpoint", [], ["--project=endpoint", ...args]);

async function counted(name: string, needs: readonly Need[], args: readonly string[]): Promise<number> {
  const counts = await runTests(name, needs, args);
  process.stdout.write(`${lastLine(counts)}\n`);
  return counts.failed > 0 ? 1 : 0;
}

async function runTests(name: string, needs: readonly Need[], args: readonly string[]): Promise<TestCounts> {
  let engine: Awaited<ReturnType<typeof setUp>>;
  try {
    engine = await setUp(needs);
  } catch (error) {
    process.stderr.write(`The set-up failed:\n${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const results = join(paths.own, `test-results-${name}.json`);
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const code = await show(join(paths.nodeModulesBin, "vitest"), ["run", ...reporters, ...args], {
    cwd: paths.root,
    env: engineEnvironment({ paths, engine: engine.engine, given: process.env }),
  });
  return countResults(existsSync(results) ? readFileSync(results, "utf8") : undefined, code);
}
