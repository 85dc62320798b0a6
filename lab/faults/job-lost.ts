import type { Fault } from "./fault.ts";

export const jobLost: Fault = {
  name: "job-lost",
  description:
    "a job does its work and ends without a result, as when the management server restarts meanwhile",
  options: {},
  times: 1,
  job: () => ({ kind: "lost" }),
};
