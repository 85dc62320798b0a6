import { expect, test } from "vitest";
import { judgeCloudInit } from "../../providers/guest/machine/cloud-init.ts";

const status = (parts: object) =>
  JSON.stringify({ status: "done", errors: [], recoverable_errors: {}, ...parts });

test("done is done, also behind the dots of older versions", () => {
  expect(judgeCloudInit(0, status({}), "")).toEqual({ outcome: "done", warnings: [] });
  expect(judgeCloudInit(0, `.....\n${status({})}`, "")).toEqual({ outcome: "done", warnings: [] });
  expect(judgeCloudInit(0, '{"status": "done"}', "").outcome).toBe("done");
});

test("degraded by warnings is done with warnings", () => {
  const degraded = status({ recoverable_errors: { WARNING: ["old key"], DEPRECATED: ["sudo as a list"] } });
  expect(judgeCloudInit(2, degraded, "")).toEqual({
    outcome: "done",
    warnings: ["old key", "sudo as a list"],
  });
});

test.each([
  [
    "an error that it went on after",
    2,
    status({ recoverable_errors: { ERROR: ["no such user"] } }),
    "no such user",
  ],
  [
    "a patched version that hides exit status 2",
    0,
    status({ recoverable_errors: { CRITICAL: ["bad"] } }),
    "bad",
  ],
  ["an error", 1, status({ status: "error", errors: ["no datasource"] }), "no datasource"],
  ["a crash", 1, "Traceback", "Traceback"],
  ["a machine where it never ran", 0, status({ status: "disabled" }), "disabled"],
  ["a machine where it still runs", 0, status({ status: "running" }), "running"],
  ["a machine without it", 127, "", "not installed"],
  ["an exit status without a reason", 1, status({ detail: "stopped" }), "stopped"],
])("refuses %s", (_name, code, stdout, reason) => {
  const judged = judgeCloudInit(code, stdout, "");
  expect(judged.outcome).toBe("failed");
  expect(JSON.stringify(judged)).toContain(reason);
});
