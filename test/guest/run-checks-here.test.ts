/** The checks as an operator runs them on the appliance itself: same records, same probes, same judge. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { machineChecks } from "../../inputs/machine-checks.ts";
import { readSources } from "../../inputs/sources.ts";
import { root } from "../../toolchain/project.ts";

const folder = mkdtempSync(join(tmpdir(), "checks-"));
const file = join(folder, "checks.json");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function record(id: string, path: string, parts: object = {}) {
  return {
    id,
    title: `Title of ${id}`,
    group: "files",
    phases: ["live"],
    severity: "error",
    why: "why it matters",
    fix: "how to mend it",
    probe: { kind: "file", path },
    expect: { exists: { equals: true } },
    ...parts,
  };
}

function run(checks: readonly object[], ...options: string[]) {
  writeFileSync(file, JSON.stringify({ appliance: "oma", title: "An appliance", checks }));
  return spawnSync("python3", ["-B", join(root, "assets/common/probe/run_checks.py"), ...options, file], {
    encoding: "utf8",
  });
}

const green = record("file/here", "/etc/passwd");
const red = record("file/gone", "/no/such/file");

test("all green is said in one line and ends with 0", () => {
  const { status, stdout } = run([green]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^files {6}1 of 1 ok\n\nAn appliance: all 1 checks are ok \(\d\.\d s\)\n$/u);
});

test("a red one is told with what was seen, why it matters and how to mend it, and ends with 1", () => {
  const { status, stdout } = run([green, red]);
  expect(status).toBe(1);
  for (const words of [
    "files      1 of 2 ok",
    "FAILED   Title of file/gone (file/gone)",
    "seen: expected exists to be true, saw false (it does not exist)",
    "why:  why it matters",
    "fix:  how to mend it",
    "1 failed, 0 warnings, 1 ok",
  ]) {
    expect(stdout).toContain(words);
  }
});

test("a red warning is told and is no failure; what cannot be judged is one", () => {
  const warning = run([record("file/gone", "/no/such/file", { severity: "warning" })]);
  expect([warning.status, warning.stdout]).toEqual([0, expect.stringContaining("warning  Title of")]);
  const unknown = run([record("file/odd", "/etc", { probe: { kind: "telepathy" } })]);
  expect([unknown.status, unknown.stdout]).toEqual([1, expect.stringContaining("unknown  Title of")]);
});

test("checks that could not look for one reason are told with it once, and without advice for what nobody saw", () => {
  const probe = { kind: "telepathy" };
  const { stdout } = run([record("file/a", "/", { probe }), record("file/b", "/", { probe })]);
  expect(stdout).toContain("unknown  Title of file/a (file/a)\n  unknown  Title of file/b (file/b)\n");
  expect(stdout.match(/not seen, because no probe of kind 'telepathy'/gu)).toHaveLength(1);
  expect(stdout).not.toContain("how to mend it");
});

test("as JSON it has every result with its evidence", () => {
  const { stdout } = run([green, red], "--format", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    appliance: "oma",
    phase: "live",
    passed: 1,
    failed: 1,
    warnings: 0,
    results: [
      { id: "file/here", group: "files", outcome: "passed", detail: "exists true" },
      { id: "file/gone", outcome: "failed", why: "why it matters", fix: "how to mend it" },
    ],
  });
});

test("one group or one check can be asked for", () => {
  const only = (name: string) =>
    (JSON.parse(run([green, red], "--format", "json", "--only", name).stdout) as { results: object[] })
      .results;
  expect(only("file/here")).toHaveLength(1);
  expect(only("files")).toHaveLength(2);
});

test.each<[string, object[], string[], string]>([
  ["no check at all", [], [], "there are no checks of phase live: nothing would be proved"],
  [
    "none of the phase",
    [record("file/a", "/", { phases: ["build"] })],
    [],
    "there are no checks of phase live",
  ],
  ["an unknown group", [green], ["--only", "moods"], "no check moods; the groups are files"],
])("%s cannot be run, which is neither green nor red", (_name, checks, options, words) => {
  const { status, stderr } = run(checks, ...options);
  expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test("a file of checks that cannot be read is told", () => {
  const { status, stderr } = spawnSync(
    "python3",
    ["-B", join(root, "assets/common/probe/run_checks.py"), join(folder, "none.json")],
    { encoding: "utf8" },
  );
  expect([status, stderr]).toEqual([2, expect.stringContaining(`cannot read ${join(folder, "none.json")}`)]);
});

test("the appliance carries every check with the script that it asks, and none of the planted faults", () => {
  const { sources } = readSources(root, oma);
  const { checks } = JSON.parse(machineChecks(oma, sources)) as {
    checks: { id: string; probe: { kind: string; script?: string; text?: string } }[];
  };
  expect(checks.map(({ id }) => id)).toEqual(oma.checks.map(({ id }) => id));
  expect(JSON.stringify(checks)).not.toContain('"plant"');
  for (const { probe } of checks.filter(({ probe: { kind } }) => kind === "script")) {
    expect(probe.text).toBe(readFileSync(join(root, probe.script ?? ""), "utf8"));
  }
});
