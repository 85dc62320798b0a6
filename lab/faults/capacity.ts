import { ApiError } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

export const capacity: Fault = {
  name: "capacity",
  description: "no host has room: deploy and start jobs end with 533",
  options: {},
  times: Number.POSITIVE_INFINITY,
  job: () => ({
    kind: "fail",
    error: new ApiError(
      533,
      "Unable to create a deployment for the instance: no host has enough capacity",
      9999,
    ),
  }),
  commands: ["deployVirtualMachine", "startVirtualMachine"],
};
