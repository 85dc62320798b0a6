import { allTransitions, otherSteps } from "../cloud/transitions.ts";
import { LabProblem } from "../errors.ts";
import type { Fault } from "./fault.ts";

const steps = [...allTransitions, ...otherSteps];
/** "instance start" means it from whatever state. */
const means = (wanted: string, step: string) => step === wanted || step.startsWith(`${wanted} from `);

export const kill: Fault = {
  name: "kill",
  description: "the lab process is killed (-9) at a step, just before or just after it is on the disk",
  options: {
    step: `one of: ${steps.join(", ")}; the state that it comes from may be left out`,
    moment: "before or after (after)",
  },
  times: 1,
  check: ({ step = "", moment }) => {
    if (!steps.some((known) => means(step, known)) || !["before", "after", undefined].includes(moment)) {
      throw new LabProblem(
        `step=${step} moment=${moment}`,
        `the steps are: ${steps.join(", ")}; the moments: before, after`,
        "npm run lab -- inject --list",
      );
    }
  },
  step: (step, moment, options) => {
    if (!means(options.step ?? "", step) || moment !== (options.moment ?? "after")) return false;
    process.kill(process.pid, "SIGKILL");
    return true;
  },
};
