import { notAuthorised } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

export const clockSkew: Fault = {
  name: "clock-skew",
  description: "every signature counts as expired: 401, in the server's one text for it",
  options: {},
  times: Number.POSITIVE_INFINITY,
  request: () => ({ kind: "refuse", error: notAuthorised() }),
};
