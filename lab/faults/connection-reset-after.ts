import type { Fault } from "./fault.ts";

export const connectionResetAfter: Fault = {
  name: "connection-reset-after",
  description: "the request is carried out, but the connection breaks before the answer leaves",
  options: {},
  times: 1,
  answer: () => "reset",
};
