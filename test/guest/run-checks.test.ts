import { expect, test } from "vitest";
import type { Check } from "../../appliances/checks/types.ts";
import type { Verdict } from "../../providers/guest/checks/evaluate.ts";
import { redChecks } from "../../providers/guest/checks/problem.ts";
import { runChecks } from "../../providers/guest/checks/run.ts";
import { isRed } from "../../providers/guest/report/model.ts";

function check(id: string, severity: Check["severity"] = "error"): Check {
  return {
    id: `service/${id}`,
    title: id,
    group: "units",
    phases: ["clone"],
    severity,
    why: "why",
    fix: `mend ${id}`,
    probe: { kind: "unit", unit: `${id}.service` },
    expect: { active: { equals: "active" } },
    plant: "true",
  };
}

type Seen = Pick<Verdict, "outcome" | "detail">;
const up: Seen = { outcome: "passed", detail: "active active" };
const down: Seen = { outcome: "failed", detail: "expected active to be active, saw inactive" };

function verdicts(...seen: readonly Seen[]): Verdict[] {
  return seen.map((one, position) => ({ id: `service/${"ab"[position]}`, ...one, seconds: 0 }));
}

test("looks again until every error check is green, and tells how many are", async () => {
  const looks = [
    [down, down],
    [up, down],
    [up, up],
  ];
  const lines: string[] = [];
  const { results } = await runChecks({
    look: async () => verdicts(...(looks.shift() ?? [])),
    checks: [check("a"), check("b")],
    timeoutSeconds: 60,
    pauseSeconds: 0.001,
    progress: (line) => lines.push(line),
  });
  expect(results.map(({ outcome }) => outcome)).toEqual(["passed", "passed"]);
  expect(lines).toEqual([
    "0 of 2 checks green, waiting for a, b",
    "1 of 2 checks green, waiting for b",
    "2 of 2 checks green",
  ]);
});

test("ends with what is red when the time is over", async () => {
  let looks = 0;
  const { results } = await runChecks({
    look: async () => {
      looks++;
      return verdicts(down);
    },
    checks: [check("a")],
    timeoutSeconds: 0.2,
    pauseSeconds: 0.02,
    progress: () => {},
  });
  expect(results.filter(isRed)).toHaveLength(1);
  expect(looks).toBeGreaterThan(2);
});

test("looks once when there is no time to wait, and does not wait for warnings", async () => {
  for (const [severity, timeoutSeconds] of [
    ["error", 0],
    ["warning", 60],
  ] as const) {
    let looks = 0;
    await runChecks({
      look: async () => {
        looks++;
        return verdicts(down);
      },
      checks: [check("a", severity)],
      timeoutSeconds,
      progress: () => {},
    });
    expect(looks).toBe(1);
  }
});

test("a missing answer is unknown", async () => {
  const { results } = await runChecks({
    look: async () => verdicts(up),
    checks: [check("a"), check("b")],
    timeoutSeconds: 0,
    progress: () => {},
  });
  expect(results.map(({ outcome }) => outcome)).toEqual(["passed", "unknown"]);
});

test("stops when the run is called off", async () => {
  const control = new AbortController();
  const run = runChecks({
    look: async () => {
      control.abort(new Error("called off"));
      return verdicts(down);
    },
    checks: [check("a")],
    timeoutSeconds: 60,
    progress: () => {},
    signal: control.signal,
  });
  await expect(run).rejects.toThrow();
});

test("the problem names each red check with its evidence and its mending", async () => {
  const { results } = await runChecks({
    look: async () => verdicts(down, up),
    checks: [check("a"), check("b")],
    timeoutSeconds: 0,
    progress: () => {},
  });
  const { message } = redChecks({
    machine: "oma-clone",
    phase: "clone",
    red: results.filter(isRed),
    total: results.length,
    path: "/x/report.html",
  });
  expect(message).toContain("1 of 2 checks are red in phase clone: oma-clone");
  expect(message).toContain("a (service/a)");
  expect(message).toContain("expected active to be active, saw inactive");
  expect(message).toContain("mend a");
  expect(message).not.toContain("mend b");
  expect(message).toContain("the report is /x/report.html");
});
