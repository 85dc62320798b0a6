import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { beginStep, formatSeconds } from "../../common/progress.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function output(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

test("without a terminal: a line at the start, every ten seconds and at the end", () => {
  const out = output(false);
  const step = beginStep("Building", out);
  step.at(30, 120);
  vi.advanceTimersByTime(25_000);
  step.done();
  expect(out.written).toEqual([
    "Building ...\n",
    "Building · 25% (30 of 120) (10 s)\n",
    "Building · 25% (30 of 120) (20 s)\n",
    "Building: done in 25 s\n",
  ]);
});

test("on a terminal: one live line that never wraps, replaced at the end", () => {
  const out = output(true);
  const step = beginStep("Copying a file with a very long name indeed", out);
  step.detail("from here to there and back again, several times");
  vi.advanceTimersByTime(1_000);
  step.failed();
  const lines = out.written.map((text) => text.replace("\r\x1b[K", ""));
  expect(lines.slice(0, -1).every((line) => line.length < 60 && !line.includes("\n"))).toBe(true);
  expect(lines.at(-1)).toMatch(/: failed after 1\.0 s\n$/);
});

test("a step that has ended says nothing more", () => {
  const out = output(false);
  const step = beginStep("Fetching", out);
  step.done("3 files");
  step.failed();
  vi.advanceTimersByTime(30_000);
  expect(out.written).toEqual(["Fetching ...\n", "Fetching: 3 files, 0.0 s\n"]);
});

test.each([
  [0.42, "0.4 s"],
  [12.4, "12 s"],
  [330, "5 min 30 s"],
])("%d seconds read %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
