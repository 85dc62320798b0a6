import { isExpired } from "../api/signature.ts";
import { notAuthorised } from "../cloud/failure.ts";
import { LabProblem } from "../errors.ts";
import type { Fault, Options } from "./fault.ts";

const defaultSeconds = 3600;

/** What a server that minds far dates allows, as one that is behind shows. */
const farthest = 15 * 60;

export const clockSkew: Fault = {
  name: "clock-skew",
  description:
    "the server's clock is ahead: signatures with an end count as expired (401, in the server's one text for it), and the Date of its answers shows why; behind, one that holds too long is refused",
  options: { seconds: `how far ahead; by default ${defaultSeconds}, negative for behind` },
  times: Number.POSITIVE_INFINITY,
  check(options) {
    if (Number.isFinite(secondsOf(options))) return;
    throw new LabProblem(
      `seconds=${options.seconds}`,
      "it is a number of seconds",
      "npm run lab -- inject clock-skew seconds=3600",
    );
  },
  request(options, _, parameters) {
    const now = new Date(Date.now() + secondsOf(options) * 1000);
    return isExpired(parameters, now, farthest) ? { kind: "refuse", error: notAuthorised() } : undefined;
  },
  clockSeconds: secondsOf,
};

function secondsOf({ seconds }: Options): number {
  return Number(seconds ?? defaultSeconds);
}
