import type { CheckResult } from "../../../appliances/checks/types.ts";
import { duration, grouped, isProved, isRed, type Proof, tally } from "./model.ts";

const signs: Record<CheckResult["outcome"], string> = { passed: "✓", failed: "✗", unknown: "?", waived: "~" };

/** For merge requests and chats. */
export function renderMarkdown(proof: Proof): string {
  const verdict = isProved(proof) ? "proved" : "not proved";
  return `${[
    `# ${cell(proof.title)}: ${verdict}`,
    facts({ ...proof.template, "reported at": proof.createdAt }),
    "## Runs",
    table(
      ["phase", "machine", "passed", "failed", "warnings", "waived", "time"],
      proof.runs.map(({ phase, machine, results, seconds }) => {
        const { passed, failed, warnings, waived } = tally(results);
        return [phase, machine, ...[passed, failed, warnings, waived].map(String), duration(seconds)];
      }),
    ),
    ...redSection(proof),
    ...waivedSection(proof),
    "## Checks",
    ...grouped(proof.runs).flatMap(({ name, rows }) => [
      `### ${cell(name)}`,
      table(
        ["check", ...proof.runs.map(({ phase }) => phase), "seen"],
        rows.map(({ id, title, results }) => [
          `${title} \`${id}\``,
          ...results.map((result) => (result ? signs[result.outcome] : "")),
          results.findLast((result) => result !== undefined)?.detail ?? "",
        ]),
      ),
    ]),
    ...machineSection(proof),
    "## Fingerprint",
    facts(proof.fingerprint),
    ...(Object.keys(proof.connection).length > 0 ? ["## Connection", facts(proof.connection)] : []),
  ].join("\n\n")}\n`;
}

function redSection(proof: Proof): string[] {
  const red = proof.runs.flatMap(({ phase, results }) =>
    results.filter(isRed).map(({ title, severity, detail, fix }) => [phase, title, severity, detail, fix]),
  );
  return red.length > 0 ? ["## Red checks", table(["phase", "check", "severity", "seen", "fix"], red)] : [];
}

function waivedSection(proof: Proof): string[] {
  const rows = proof.runs.flatMap(({ phase, results }) =>
    results.flatMap(({ title, detail, waiver }) =>
      waiver ? [[phase, title, detail, waiver.reason, waiver.owner, waiver.expires]] : [],
    ),
  );
  const head = ["phase", "check", "seen", "reason", "owner", "until"];
  return rows.length > 0 ? ["## Waived checks", table(head, rows)] : [];
}

function machineSection({ inventory }: Proof): string[] {
  if (!inventory) return [];
  const { os, kernel, bootSeconds, restartSeconds, packages } = inventory;
  const times = { boot: duration(bootSeconds), "restart until SSH answers": duration(restartSeconds) };
  return ["## Machine", facts({ system: os, kernel, ...times }), "## Packages", facts(packages)];
}

function facts(values: Readonly<Record<string, string>>): string {
  return table(["", ""], Object.entries(values));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text
    .replace(/\s+/gu, " ")
    .replace(/&/gu, "&amp;")
    .replace(/</gu, "&lt;")
    .replace(/[\\|*_[\]]/gu, (character) => `\\${character}`);
}
