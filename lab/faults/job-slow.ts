import { LabProblem } from "../errors.ts";
import type { Fault, Options } from "./fault.ts";

const byDefault = 5;

export const jobSlow: Fault = {
  name: "job-slow",
  description: "a job does its work and tells its end only later",
  options: { seconds: `how much later (${byDefault})` },
  times: 1,
  check(options) {
    if (!(secondsOf(options) > 0)) {
      throw new LabProblem(
        `seconds=${options.seconds}`,
        "it is a number above 0",
        "npm run lab -- inject job-slow seconds=5",
      );
    }
  },
  job: (options) => ({ kind: "slow", seconds: secondsOf(options) }),
};

function secondsOf({ seconds }: Options): number {
  return Number(seconds ?? byDefault);
}
