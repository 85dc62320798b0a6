import type { Fault } from "./fault.ts";

export const jobStuck: Fault = {
  name: "job-stuck",
  description: "a job stays pending and its work is never begun",
  options: {},
  times: 1,
  job: () => ({ kind: "stuck" }),
};
