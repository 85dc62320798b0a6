/** What a test run came to, from vitest's own report. */
import { z } from "zod";

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * A file that could not be loaded holds no test and counts as one failure, and so does a run that failed without a
 * failed test (an error outside of any test) or that left no report.
 */
export function countResults(json: string | undefined, exitStatus: number): TestCounts {
  if (json === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const results = report.parse(JSON.parse(json));
  const unloaded = results.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  const failed = results.numFailedTests + unloaded;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && exitStatus !== 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** "N passed, N failed", and ", N skipped" if any. */
export function lastLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
