import type { Fault } from "./fault.ts";

export const connectionResetBefore: Fault = {
  name: "connection-reset-before",
  description: "the connection breaks before the request is taken: nothing was done",
  options: {},
  times: 1,
  request: () => ({ kind: "reset" }),
};
