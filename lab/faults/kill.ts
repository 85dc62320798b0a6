import { allSteps } from "../cloud/transitions.ts";
import { LabProblem } from "../errors.ts";
import type { Fault } from "./fault.ts";

const jobSteps = ["job create", "job succeed", "job fail"];

export const kill: Fault = {
  name: "kill",
  description: "the lab process is killed (-9) at a step, just before or just after it is on the disk",
  options: {
    step: `one of: ${[...allSteps, ...jobSteps].join(", ")}`,
    moment: "before or after (after)",
  },
  times: 1,
  check: ({ step, moment }) => {
    if (
      ![...allSteps, ...jobSteps].includes(step ?? "") ||
      !["before", "after", undefined].includes(moment)
    ) {
      throw new LabProblem(
        `step=${step} moment=${moment}`,
        `the steps are: ${[...allSteps, ...jobSteps].join(", ")}; the moments: before, after`,
        "npm run lab -- inject --list",
      );
    }
  },
  step: (step, moment, options) => {
    if (step !== options.step || moment !== (options.moment ?? "after")) return false;
    process.kill(process.pid, "SIGKILL");
    return true;
  },
};
