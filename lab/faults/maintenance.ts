import { ApiError } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

export const maintenance: Fault = {
  name: "maintenance",
  description: "requests are turned away with 503: the management server is in maintenance",
  options: {},
  times: Number.POSITIVE_INFINITY,
  request: () => ({
    kind: "refuse",
    error: new ApiError(503, "Maintenance or shutdown has been initiated on this management server", 9999),
  }),
};
