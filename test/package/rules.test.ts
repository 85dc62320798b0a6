/** Every rule of npm run package: silent on a good package, and loud when its fault is planted. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { beginStep } from "../../common/progress.ts";
import { examinePackage } from "../../toolchain/package/examine.ts";
import type { Finding } from "../../toolchain/package/rule.ts";
import { packageRules } from "../../toolchain/package/rules/index.ts";
import { startTemporaryMariaDb, type TemporaryMariaDb } from "../../toolchain/package/temporary-mariadb.ts";
import { paths } from "../../toolchain/project.ts";
import { makeGoodPackage } from "./support/good-package.ts";

let server: TemporaryMariaDb;
let work: string;
let good: string;

beforeAll(async () => {
  server = await startTemporaryMariaDb();
  work = mkdtempSync(join(tmpdir(), "package-"));
  good = join(work, "good");
  makeGoodPackage(good, server);
}, 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

async function examined(folder: string, withServer = true): Promise<readonly Finding[]> {
  const step = beginStep("examining", { write: () => undefined });
  const question = {
    root: paths.root,
    folder,
    appliance: oma,
    server: withServer ? server : undefined,
    accepted: new Map<string, string>(),
    step,
  };
  const { findings } = await examinePackage(question);
  step.done();
  return findings;
}

function planted(plant: string): string {
  const folder = mkdtempSync(join(work, "planted-"));
  cpSync(good, folder, { recursive: true, verbatimSymlinks: true });
  execFileSync("bash", ["-ec", plant], { cwd: folder, stdio: "pipe" });
  return folder;
}

test("a good package has no fault, and no warning", async () => {
  expect(await examined(good)).toEqual([]);
});

test("without a server the SQL is read alone, and that is told", async () => {
  const findings = await examined(good, false);
  expect(findings.map(({ rule, because }) => [rule, because])).toEqual([
    ["files/unseen", "there is no MariaDB here to try the SQL on, so it was only read"],
  ]);
});

test("every rule has an id of its own, says why, how to mend it, and what its test plants", () => {
  expect(new Set(packageRules.map(({ id }) => id)).size).toBe(packageRules.length);
  for (const { id, title, why, fix, plant } of packageRules) {
    expect(id).toMatch(/^[a-z]+\/[a-z]+(-[a-z]+)*$/u);
    expect([id, title.length > 10, why.length > 20, fix.length > 10, plant.length > 5]).toEqual([
      id,
      true,
      true,
      true,
      true,
    ]);
  }
});

test.each(packageRules.map((rule) => ({ rule })))("$rule.id sees its planted fault", async ({ rule }) => {
  const folder = planted(rule.plant);
  const needsServer = rule.id.startsWith("database/");
  const findings = await examined(folder, needsServer);
  const own = findings.filter((finding) => finding.rule === rule.id);
  expect(findings.map((finding) => finding.rule)).toContain(rule.id);
  for (const { object, because } of own) expect([object, because]).not.toContain("");
  rmSync(folder, { recursive: true });
});
