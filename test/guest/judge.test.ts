/** The judge of every run, asked as the probe runner asks it. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Check, Matcher } from "../../appliances/checks/types.ts";

const program =
  "import json, sys; sys.path.insert(0, 'assets/common/probe'); sys.dont_write_bytecode = True; import judge; print(json.dumps([judge.verdict(*one) for one in json.load(sys.stdin)]))";

type Case = [check: { expect: Check["expect"] }, looked: { answer: unknown } | { error: string }];

function verdicts(cases: readonly Case[]): { outcome: string; detail: string }[] {
  const judged = spawnSync("python3", ["-c", program], { input: JSON.stringify(cases), encoding: "utf8" });
  expect([judged.stderr, judged.status]).toEqual(["", 0]);
  return JSON.parse(judged.stdout) as { outcome: string; detail: string }[];
}

function verdict(expected: Check["expect"], answer: unknown) {
  const [only] = verdicts([[{ expect: expected }, { answer }]]);
  if (!only) throw new Error("no verdict");
  return only;
}

function outcome(expected: Check["expect"], answer: unknown): string {
  return verdict(expected, answer).outcome;
}

const table: [name: string, matcher: Matcher, seen: unknown, outcome: string][] = [
  ["equals, same", { equals: "healthy" }, "healthy", "passed"],
  ["equals, other", { equals: "healthy" }, "degraded", "failed"],
  ["equals, in depth", { equals: { a: [1, { b: 2 }] } }, { a: [1, { b: 2 }] }, "passed"],
  ["equals, other in depth", { equals: { a: [1] } }, { a: [2] }, "failed"],
  ["equals, number as text", { equals: 26 }, "26", "passed"],
  ["equals, text as number", { equals: "26" }, 26, "passed"],
  ["equals, another number as text", { equals: 26 }, "26.0", "failed"],
  ["equals, true is not 1", { equals: true }, 1, "failed"],
  ["equals, true is not 1 in depth", { equals: [true] }, [1], "failed"],
  ["equals, a list is not its text", { equals: ["a"] }, "a", "failed"],
  ["equals, null", { equals: null }, null, "passed"],
  ["not, other", { not: "active" }, "inactive", "passed"],
  ["not, same", { not: "active" }, "active", "failed"],
  ["oneOf, member", { oneOf: ["12", "24.04"] }, "24.04", "passed"],
  ["oneOf, stranger", { oneOf: ["12", "24.04"] }, "22.04", "failed"],
  ["matches", { matches: "^10\\.11\\." }, "10.11.8", "passed"],
  ["matches, other", { matches: "^10\\.11\\." }, "10.6.1", "failed"],
  ["matches, not a text", { matches: "." }, { a: 1 }, "failed"],
  ["matches, unreadable pattern", { matches: "(" }, "a", "unknown"],
  ["contains, in text", { contains: "ok" }, "all ok here", "passed"],
  ["contains, not in text", { contains: "ok" }, "damaged", "failed"],
  ["contains, in list", { contains: "sudo" }, ["adm", "sudo"], "passed"],
  ["contains, not in list", { contains: "sudo" }, ["adm"], "failed"],
  ["contains, nothing to look in", { contains: "sudo" }, null, "failed"],
  ["lacks, not in list", { lacks: "sudo" }, ["adm"], "passed"],
  ["lacks, in list", { lacks: "sudo" }, ["sudo"], "failed"],
  ["lacks, in text", { lacks: "password" }, "a password", "failed"],
  ["lacks, nothing to look in", { lacks: "sudo" }, null, "failed"],
  ["atLeast, at the limit", { atLeast: 32 }, 32, "passed"],
  ["atLeast, below", { atLeast: 32 }, 31, "failed"],
  ["atLeast, not a number", { atLeast: 1 }, "many", "failed"],
  ["atLeast, true is no number", { atLeast: 1 }, true, "failed"],
  ["atMost, at the limit", { atMost: 0 }, 0, "passed"],
  ["atMost, above", { atMost: 0 }, 1, "failed"],
  ["atMost, null is not 0", { atMost: 0 }, null, "failed"],
  ["sameSet, other order", { sameSet: ["a", "b"] }, ["b", "a"], "passed"],
  ["sameSet, one missing", { sameSet: ["a", "b"] }, ["a"], "failed"],
  ["sameSet, one extra", { sameSet: ["a"] }, ["a", "b"], "failed"],
  ["sameSet, not a list", { sameSet: [] }, "", "failed"],
  ["empty, list", { empty: true }, [], "passed"],
  ["empty, full list", { empty: true }, ["x.service"], "failed"],
  ["empty, text", { empty: true }, "", "passed"],
  ["empty, object", { empty: true }, {}, "passed"],
  ["empty, null", { empty: true }, null, "failed"],
  ["a matcher that nobody knows", { roughly: 3 } as unknown as Matcher, 3, "unknown"],
];

test.each(table)("%s", (_name, matcher, seen, expected) => {
  const judged = verdicts([
    [{ expect: { value: matcher } }, { answer: { value: seen } }],
    [{ expect: { "": matcher } }, { answer: seen }],
  ]);
  expect(judged.map((one) => one.outcome)).toEqual([expected, expected]);
});

test("every expectation must hold", () => {
  const both = { status: { equals: 200 }, "json.status": { equals: "healthy" } };
  expect(outcome(both, { status: 200, json: { status: "healthy" } })).toBe("passed");
  expect(outcome(both, { status: 500, json: { status: "healthy" } })).toBe("failed");
  expect(outcome(both, { status: 200, json: { status: "ill" } })).toBe("failed");
});

test("a path reaches into lists", () => {
  expect(outcome({ "rows.1.count": { equals: 5 } }, { rows: [{ count: 1 }, { count: 5 }] })).toBe("passed");
});

test("an expectation of nothing is never a pass", () => {
  expect(outcome({}, { status: 200 })).toBe("unknown");
});

test("a probe that could not answer is unknown, whatever was expected", () => {
  expect(verdicts([[{ expect: { failed: { empty: true } } }, { error: "systemctl is missing" }]])).toEqual([
    { outcome: "unknown", detail: "systemctl is missing" },
  ]);
});

test("an answer without the asked value is unknown, also for what is expected to be absent", () => {
  for (const matcher of [{ not: "x" }, { lacks: "x" }, { empty: true }] as Matcher[]) {
    expect(outcome({ mode: matcher }, { other: 1 })).toBe("unknown");
  }
});

test("a missing file, variable or answer of a server is a failure that says so", () => {
  expect(verdict({ mode: { equals: "0600" } }, { exists: false })).toMatchObject({
    outcome: "failed",
    detail: "expected mode to be 0600, but it does not exist",
  });
  expect(verdict({ base64Bytes: { equals: 32 } }, { defined: false }).outcome).toBe("failed");
  expect(verdict({ "json.status": { equals: "ok" } }, { status: null, error: "refused" })).toMatchObject({
    outcome: "failed",
    detail: "expected json.status to be ok, but refused",
  });
  expect(verdict({ status: { equals: 200 } }, { status: null, error: "refused" }).detail).toBe(
    "expected status to be 200, saw null (refused)",
  );
});

test("a set that differs names what is missing and what is extra", () => {
  const { detail } = verdict({ "": { sameSet: ["a", "b"] } }, ["b", "c"]);
  expect(detail).toBe("expected to be the set of 2 named members, missing: a; extra: c");
});

test("long values are cut in the report", () => {
  const { detail } = verdict({ "": { equals: "x" } }, "y".repeat(5000));
  expect(detail.length).toBeLessThan(400);
});
