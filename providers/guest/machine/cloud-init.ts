/** What `cloud-init status --wait --format json` says, judged. */
import { z } from "zod";

export type CloudInit = { outcome: "done"; warnings: string[] } | { outcome: "failed"; reasons: string[] };

const status = z.object({
  status: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.string()).default([]),
  recoverable_errors: z.record(z.string(), z.array(z.string())).default({}),
});

/**
 * Exit status 2 means that it went on after errors; since 23.4 they are sorted by level. Warnings and deprecations do
 * not spoil a machine, errors do.
 */
export function judgeCloudInit(code: number | undefined, stdout: string, stderr: string): CloudInit {
  if (code === 127) return failed("cloud-init is not installed");
  const parsed = parse(stdout);
  if (!parsed) return failed(`it ended with ${code} and said: ${(stderr || stdout).trim().slice(-300)}`);
  const recoverable = Object.entries(parsed.recoverable_errors);
  const serious = recoverable.filter(([level]) => !isMild(level)).flatMap(([, messages]) => messages);
  const reasons = [...new Set([...parsed.errors, ...serious])];
  if (reasons.length > 0) return { outcome: "failed", reasons };
  if (code !== 0 && code !== 2) return failed(parsed.detail || `it ended with ${code}`);
  if (!["done", "degraded done"].includes(parsed.status)) return failed(`its status is ${parsed.status}`);
  return { outcome: "done", warnings: recoverable.flatMap(([, messages]) => messages) };
}

function isMild(level: string): boolean {
  return ["WARNING", "DEPRECATED", "INFO", "DEBUG"].includes(level.toUpperCase());
}

function failed(reason: string): CloudInit {
  return { outcome: "failed", reasons: [reason] };
}

/** Older versions print dots before the document while they wait. */
function parse(stdout: string): z.infer<typeof status> | undefined {
  try {
    return status.parse(JSON.parse(stdout.slice(stdout.indexOf("{"))));
  } catch {
    return undefined;
  }
}
