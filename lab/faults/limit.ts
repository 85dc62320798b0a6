import { ApiError } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

/** Those that make something that counts. */
const counted = [
  "deployVirtualMachine",
  "createTemplate",
  "createVolume",
  "createSnapshot",
  "createNetwork",
  "associateIpAddress",
];

export const limit: Fault = {
  name: "limit",
  description: "the account has as many as it may have: 535",
  options: { type: "what of (user_vm)" },
  times: 1,
  commands: counted,
  request: ({ type = "user_vm" }) => ({
    kind: "refuse",
    error: new ApiError(
      535,
      `Maximum amount of resources of Type = '${type}', tag = 'null' for Account Name = admin in Domain Id = 1 is exceeded: Account Resource Limit = 1, Current Account Resource Amount = 1, Current Account Resource Reservation = 0, Requested Resource Amount = 1.`,
      4370,
    ),
  }),
};
