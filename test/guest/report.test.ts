import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderHtml } from "../../providers/guest/report/html.ts";
import { renderJson } from "../../providers/guest/report/json.ts";
import { renderJunit } from "../../providers/guest/report/junit.ts";
import { renderMarkdown } from "../../providers/guest/report/markdown.ts";
import { duration, grouped, isProved, tally } from "../../providers/guest/report/model.ts";
import { writeReport } from "../../providers/guest/report/write.ts";
import { proofOf, result } from "./support/proof.ts";

const green = proofOf([result("service/api"), result("security/key")]);
const red = proofOf([
  result("service/api", { outcome: "failed", detail: "expected status to be 200, saw 500" }),
  result("service/gui", { outcome: "unknown", detail: "systemctl is not installed" }),
  result("disk/room", {
    outcome: "failed",
    severity: "warning",
    detail: "expected free to be at least 20, saw 3",
  }),
  result("security/key"),
]);
const excused = proofOf([
  result("service/api"),
  result("service/gui", {
    outcome: "waived",
    detail: "expected status to be 200, saw 404",
    waiver: { reason: "no GUI in this edition", owner: "Ada", expires: "2027-01-31" },
  }),
]);
const hostile = proofOf([
  result("a/b", {
    outcome: "failed",
    title: `<script>alert(1)</script>`,
    detail: `"quoted" & <b> ]]> \u0000 | *x*`,
    fix: "'",
  }),
]);

test("counts warnings apart, and unknown as failed", () => {
  expect(tally(red.runs[0]?.results ?? [])).toEqual({
    passed: 1,
    failed: 2,
    warnings: 1,
    waived: 0,
    total: 4,
  });
  expect(isProved(green)).toBe(true);
  expect(isProved(red)).toBe(false);
});

test("a red warning does not spoil a proof, an unknown error does", () => {
  expect(isProved(proofOf([result("a/b"), result("a/c", { outcome: "failed", severity: "warning" })]))).toBe(
    true,
  );
  expect(isProved(proofOf([result("a/b"), result("a/c", { outcome: "unknown" })]))).toBe(false);
});

test("a waived check is in every form as such, with who answers for it, and never as passed", () => {
  expect(tally(excused.runs[0]?.results ?? [])).toMatchObject({ passed: 1, failed: 0, waived: 1 });
  expect(isProved(excused)).toBe(true);
  const page = renderHtml(excused);
  for (const words of ["What is red and waived", "no GUI in this edition", "Ada", "2027-01-31", "1 waived"]) {
    expect(page).toContain(words);
  }
  expect(page).toContain("1 looks at 1 machine state found what they should, with 1 waived.");
  expect(renderJunit(excused)).toContain(
    '<skipped message="waived until 2027-01-31 by Ada: no GUI in this edition">',
  );
  expect(renderJunit(excused)).toContain('failures="0" errors="0" skipped="1"');
  expect(renderMarkdown(excused)).toContain("## Waived checks");
  expect(renderMarkdown(excused)).toContain("no GUI in this edition | Ada | 2027-01-31");
  expect(JSON.parse(renderJson(excused))).toMatchObject({
    runs: [
      { tally: { passed: 1, waived: 1 }, results: [{}, { outcome: "waived", waiver: { owner: "Ada" } }] },
    ],
  });
});

test("no checks, no proof: neither in all runs nor in one", () => {
  expect(isProved(proofOf([]))).toBe(false);
  expect(isProved({ ...green, runs: [] })).toBe(false);
  expect(
    isProved({ ...green, runs: [...green.runs, { phase: "clone", machine: "c", results: [], seconds: 1 }] }),
  ).toBe(false);
});

test("a check is one row with its result in each run", () => {
  const clone = { phase: "clone", machine: "clone", results: [result("service/api")], seconds: 2 };
  const [service, security] = grouped([...green.runs, clone]);
  expect(service?.name).toBe("http");
  expect(service?.rows[0]?.results.map((seen) => seen?.outcome)).toEqual(["passed", "passed"]);
  expect(security?.rows[0]?.results.map((seen) => seen?.outcome)).toEqual(["passed", undefined]);
});

test("durations are written for people", () => {
  expect([0.0421, 3.14, 59.9, 125].map(duration)).toEqual(["42 ms", "3.1 s", "59.9 s", "2 min 5 s"]);
});

test("JSON holds the whole proof and its verdict", () => {
  expect(JSON.parse(renderJson(red))).toMatchObject({
    proved: false,
    template: { name: "oma-dev-60303ae2" },
    runs: [{ phase: "build", tally: { failed: 2 }, results: [{ id: "service/api" }, {}, {}, {}] }],
  });
  expect(JSON.parse(renderJson(green))).toMatchObject({ proved: true });
});

test("JUnit tells failures from errors and keeps warnings out of both", () => {
  const xml = renderJunit(red);
  expect(xml).toContain('tests="4" failures="1" errors="1"');
  expect(xml).toContain('<failure message="expected status to be 200, saw 500">');
  expect(xml).toContain('<error message="systemctl is not installed">');
  expect(xml).toContain("<system-out>warning: expected free");
  expect(renderJunit(green)).toContain('tests="2" failures="0" errors="0"');
});

test("Markdown lists what is red with its mending", () => {
  const text = renderMarkdown(red);
  expect(text).toContain("# OSSEA Migration Appliance: not proved");
  expect(text).toContain(
    "| build | api | error | expected status to be 200, saw 500 | systemctl status, then the journal |",
  );
  expect(renderMarkdown(green)).not.toContain("Red checks");
});

test("the page says the verdict, each red check, the fingerprint and the times", () => {
  const page = renderHtml(red);
  for (const words of [
    "Not proved",
    "What is red",
    "saw 500",
    "systemctl status, then the journal",
    "60303ae22b998861",
    "took 1.3 s",
  ]) {
    expect(page).toContain(words);
  }
  expect(renderHtml(green)).toContain("<span>Proved</span>");
  expect(renderHtml(green)).not.toContain("What is red");
  expect(renderHtml({ ...green, runs: [] })).toContain("No check ran, so nothing is proved.");
});

test("the page needs nothing from elsewhere", () => {
  expect(renderHtml(red)).not.toMatch(/(?:src|href)=|url\(|@import|https?:/u);
});

test("what a machine says cannot become part of the page or the XML", () => {
  expect(renderHtml(hostile)).not.toContain("<script>");
  expect(renderHtml(hostile)).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  const xml = renderJunit(hostile);
  expect(xml).not.toContain("<script>");
  expect(xml).not.toContain("\u0000");
  expect(renderMarkdown(hostile)).not.toContain("<script>");
  expect(renderMarkdown(hostile)).toContain("\\| \\*x\\*");
});

test("writes every form and their digests", async () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    const written = await writeReport(join(folder, "deep", "er"), green);
    expect(written.path).toBe(join(folder, "deep", "er", "report.html"));
    expect(readdirSync(join(folder, "deep", "er")).sort()).toEqual([
      "junit.xml",
      "report.html",
      "report.json",
      "report.md",
    ]);
    const digest = createHash("sha256").update(readFileSync(written.path)).digest("hex");
    expect(written.digests["report.html"]).toBe(digest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
