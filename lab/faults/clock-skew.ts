import { notAuthorised } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

const defaultSeconds = 3600;

export const clockSkew: Fault = {
  name: "clock-skew",
  description:
    "the server's clock is ahead: every signature counts as expired (401, in the server's one text for it), and the Date of its answers shows why",
  options: { seconds: `how far ahead; by default ${defaultSeconds}, negative for behind` },
  times: Number.POSITIVE_INFINITY,
  check: ({ seconds }) => {
    if (seconds !== undefined && !Number.isFinite(Number(seconds)))
      throw new Error(`${seconds} is no number of seconds`);
  },
  request: () => ({ kind: "refuse", error: notAuthorised() }),
  clockSeconds: ({ seconds }) => Number(seconds ?? defaultSeconds),
};
