/** The troubleshooting guide: failures of the field and checks, each from its record. */
import type { Check } from "../../appliances/checks/types.ts";
import { fieldFailures } from "../../appliances/failures/index.ts";
import type { Catcher, FieldFailure } from "../../appliances/failures/types.ts";
import { appliances } from "../../appliances/index.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

const file = "docs/troubleshooting.md";

export const troubleshootingFailures: GeneratedPart = {
  file,
  name: "failures",
  text: () => fieldFailures.map(failureText).join("\n\n"),
};

function failureText({ id, appliances: names, symptom, cause, remedy, caughtBy }: FieldFailure): string {
  return [
    `### ${id}`,
    "",
    `${symptom} (${names.map((name) => name.toUpperCase()).join(", ")})`,
    "",
    `- Cause: ${cause}`,
    `- What to do: ${remedy}`,
    `- Caught by: ${caughtBy.length > 0 ? caughtBy.map(catcherText).join(", ") : "nothing yet"}`,
  ].join("\n");
}

function catcherText(catcher: Catcher): string {
  if ("check" in catcher) return `check \`${catcher.check}\``;
  if ("packageRule" in catcher) return `\`npm run package\`, rule \`${catcher.packageRule}\``;
  return `\`${catcher.source}\``;
}

export const troubleshootingChecks: GeneratedPart = {
  file,
  name: "checks",
  text: () => Object.values(appliances).map(applianceText).join("\n\n"),
};

function applianceText({ title, checks }: { title: string; checks: readonly Check[] }): string {
  const groups = Map.groupBy(checks, ({ id }) => id.slice(0, id.indexOf("/")));
  return [
    `### ${title}`,
    ...[...groups].flatMap(([group, members]) => ["", `**${group}**`, "", checkTable(members)]),
  ].join("\n");
}

function checkTable(checks: readonly Check[]): string {
  return tableOf(
    ["check", "what it looks at", "why", "what to do"],
    checks.map(({ id, title, why, fix }) => [`\`${id}\``, title, why, fix]),
  );
}
