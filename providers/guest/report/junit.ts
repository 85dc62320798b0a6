import type { CheckResult } from "../../../appliances/checks/types.ts";
import { escapeMarkup } from "./markup.ts";
import { isRed, type Proof, tally } from "./model.ts";

/** For CI: one suite a run, one case a check. A red warning is a case that passed and says so in its output, a waived one is skipped. */
export function renderJunit(proof: Proof): string {
  const suites = proof.runs.map(({ phase, machine, results, seconds }) => {
    const { failed, waived, total } = tally(results);
    const unknown = results.filter((result) => isError(result) && result.outcome === "unknown").length;
    return [
      `  <testsuite name="${escapeMarkup(`${proof.appliance} ${phase}`)}" hostname="${escapeMarkup(machine)}" tests="${total}" failures="${failed - unknown}" errors="${unknown}" skipped="${waived}" time="${seconds}" timestamp="${escapeMarkup(proof.createdAt)}">`,
      ...results.map(renderCase),
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeMarkup(proof.title)}">\n${suites.join("\n")}\n</testsuites>\n`;
}

function renderCase(result: CheckResult): string {
  const { id, title, group, outcome, detail, fix, seconds } = result;
  const head = `    <testcase classname="${group}" name="${escapeMarkup(`${title} (${id})`)}" time="${seconds}"`;
  if (outcome === "passed") return `${head}/>`;
  const text = escapeMarkup(`${detail}\nfix: ${fix}`);
  if (result.waiver) {
    const { reason, owner, expires } = result.waiver;
    return `${head}><skipped message="${escapeMarkup(`waived until ${expires} by ${owner}: ${reason}`)}">${text}</skipped></testcase>`;
  }
  if (!isError(result)) return `${head}><system-out>warning: ${text}</system-out></testcase>`;
  const element = outcome === "unknown" ? "error" : "failure";
  return `${head}><${element} message="${escapeMarkup(detail)}">${text}</${element}></testcase>`;
}

function isError({ severity, outcome }: CheckResult): boolean {
  return severity === "error" && isRed({ outcome });
}
