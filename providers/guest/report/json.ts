import { isProved, type Proof, tally } from "./model.ts";

/** For programs: the whole proof and its verdict. */
export function renderJson(proof: Proof): string {
  const runs = proof.runs.map((run) => ({ ...run, tally: tally(run.results) }));
  return `${JSON.stringify({ ...proof, proved: isProved(proof), runs }, undefined, 2)}\n`;
}
