import { ApiError } from "../cloud/failure.ts";
import { LabProblem } from "../errors.ts";
import type { Fault } from "./fault.ts";

const refusal = () =>
  new ApiError(503, "Maintenance or shutdown has been initiated on this management server", 9999);

export const maintenance: Fault = {
  name: "maintenance",
  description: "requests are turned away with 503: the management server is in maintenance",
  options: { jobs: "only: new jobs alone are turned away, as a server does before it goes down" },
  times: Number.POSITIVE_INFINITY,
  check({ jobs }) {
    if (jobs === undefined || jobs === "only") return;
    throw new LabProblem(`jobs=${jobs}`, "it is only", "npm run lab -- inject maintenance jobs=only");
  },
  request: ({ jobs }) => (jobs === "only" ? undefined : { kind: "refuse", error: refusal() }),
  submit: ({ jobs }) => (jobs === "only" ? refusal() : undefined),
};
