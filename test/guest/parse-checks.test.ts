import { expect, test } from "vitest";
import { parseChecks } from "../../providers/guest/checks/parse.ts";

const good = {
  id: "service/api",
  title: "API",
  group: "http",
  phases: ["build", "clone"],
  severity: "error",
  why: "why",
  fix: "fix",
  probe: { kind: "http", port: 8082, path: "/health" },
  expect: { status: { equals: 200 } },
  plant: "systemctl stop api",
};

test("reads checks that came over the wire", () => {
  expect(parseChecks([good])).toMatchObject({ ok: true, checks: [{ id: "service/api" }] });
});

test.each([
  ["no checks at all", [], ""],
  ["not a list", { 0: good }, ""],
  ["the same id twice", [good, good], "[1].id"],
  ["a check that expects nothing", [{ ...good, expect: {} }], "[0].expect"],
  ["an unknown probe", [{ ...good, probe: { kind: "telepathy" } }], "[0].probe.kind"],
  ["a port out of range", [{ ...good, probe: { ...good.probe, port: 70000 } }], "[0].probe.port"],
  ["a mistyped member", [{ ...good, probe: { ...good.probe, pfad: "/" } }], "[0].probe"],
  ["an unknown matcher", [{ ...good, expect: { status: { is: 200 } } }], "[0].expect.status"],
  ["two matchers in one", [{ ...good, expect: { status: { equals: 200, not: 500 } } }], "[0].expect.status"],
  ["an unknown group", [{ ...good, group: "moods" }], "[0].group"],
  ["an unknown phase", [{ ...good, phases: ["someday"] }], "[0].phases[0]"],
])("refuses %s", (_name, value, path) => {
  const parsed = parseChecks(value);
  expect(parsed.ok).toBe(false);
  expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.path)).toContain(path);
});
