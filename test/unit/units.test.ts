/** The units of the appliances, judged by systemd's own scale without a machine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { appliances } from "../../appliances/index.ts";
import { root } from "../../toolchain/project.ts";

const folder = mkdtempSync(join(tmpdir(), "units-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** From 0, shut, to 10, open; of a unit file that nothing is added to. */
function exposure(path: string): number {
  const table = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", path], {
    encoding: "utf8",
  });
  return Number(/Overall exposure level for \S+: ([\d.]+)/u.exec(table)?.[1]);
}

/** Those that stay up: a timer does nothing by itself, and a unit that does its work once is gone afterwards. */
const units = Object.values(appliances).flatMap(({ units: all }) =>
  all.flatMap(({ name, from, exposureAtMost }) => {
    if (!from || !name.endsWith(".service")) return [];
    const text = readFileSync(join(root, from), "utf8");
    return text.includes("Type=oneshot") ? [] : [{ name, from, text, exposureAtMost }];
  }),
);

test("no unit is more exposed than its ceiling, which is near what it reaches", () => {
  const scores = units.map(({ name, from, exposureAtMost }) => {
    const seen = exposure(join(root, from));
    console.log(`${name.padEnd(26)} exposure ${seen}, at most ${exposureAtMost}`);
    return { name, seen, exposureAtMost: exposureAtMost ?? 0 };
  });
  expect(scores.filter(({ seen, exposureAtMost }) => !(seen <= exposureAtMost))).toEqual([]);
  expect(scores.filter(({ seen, exposureAtMost }) => exposureAtMost - seen > 0.8)).toEqual([]);
});

test("a unit that lost a part of its sandbox is above its ceiling", () => {
  const [unit] = units.filter(({ name }) => name === "oma-api.service");
  const text = unit?.text ?? "";
  const path = join(folder, "oma-api.service");
  for (const key of ["CapabilityBoundingSet", "SystemCallFilter"]) {
    writeFileSync(path, text.replaceAll(new RegExp(`^${key}=.*\n`, "gmu"), ""));
    expect(exposure(path)).toBeGreaterThan(unit?.exposureAtMost ?? 10);
  }
});

test("every service is started again however often it fails, and dumps no core", () => {
  for (const { name, text } of units) {
    const missing = ["Restart=always", "StartLimitIntervalSec=0"].filter(
      (line) => !text.includes(`${line}\n`),
    );
    expect([name, missing]).toEqual([name, []]);
    if (text.includes("EnvironmentFile=")) expect(text).toContain("LimitCORE=0\n");
  }
});
