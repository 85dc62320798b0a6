import type { Fault } from "./fault.ts";

export const jobHeld: Fault = {
  name: "job-held",
  description: "a job stays pending until the faults are cleared, and does its work then",
  options: {},
  times: 1,
  job: (_, hold) => ({ kind: "held", released: hold() }),
};
