import type { CheckResult } from "../../../appliances/checks/types.ts";
import { escapeMarkup } from "./markup.ts";
import {
  type CheckGroup,
  type CheckRow,
  duration,
  grouped,
  isProved,
  isRed,
  type Proof,
  tally,
  tallyOf,
} from "./model.ts";
import type { ScreenPiece } from "./screen.ts";
import { style } from "./style.ts";

/** For people: one page that needs nothing else, light and dark, on screen and on paper. */
export function renderHtml(proof: Proof): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(proof.title)}: ${verdictWord(proof)}</title>
<style>${style}</style>
</head>
<body>
<main>
${header(proof)}
${red(proof)}
${waived(proof)}
${runs(proof)}
${screen(proof)}
${checks(proof)}
${machine(proof)}
${factList("Template", "What was captured", proof.template)}
${factList("Connection", "How the proved appliance is reached", proof.connection)}
${fingerprint(proof)}
${packages(proof)}
<footer>Proof of ${escapeMarkup(proof.appliance)}, written ${time(proof.createdAt)}. The same facts are in report.json, report.md and junit.xml beside this page.</footer>
</main>
</body>
</html>
`;
}

function verdictWord(proof: Proof): string {
  return isProved(proof) ? "proved" : "not proved";
}

function header(proof: Proof): string {
  const { passed, failed, warnings, waived, total } = tallyOf(proof);
  const proved = isProved(proof);
  const beside = [
    ...(warnings > 0 ? [countOf(warnings, "warning")] : []),
    ...(waived > 0 ? [`${waived} waived`] : []),
  ].join(" and ");
  const sentence =
    total === 0
      ? "No check ran, so nothing is proved."
      : proved
        ? `${beside ? "" : "All "}${passed} looks at ${countOf(proof.runs.length, "machine state")} found what they should${beside ? `, with ${beside}` : ""}.`
        : `${countOf(failed, "check")} of ${total} did not find what ${failed === 1 ? "it" : "they"} should.`;
  const { name, zone } = proof.template;
  return `<header>
<div>
<p class="kicker">Appliance proof</p>
<h1>${escapeMarkup(proof.title)}</h1>
<p class="subject">${name ? `<code>${escapeMarkup(name)}</code>` : ""}${zone ? ` in zone <b>${escapeMarkup(zone)}</b>` : ""}</p>
<p class="lead">${sentence}</p>
</div>
<div class="verdict ${proved ? "good" : "bad"}" role="status">${proved ? tick : cross}<span>${proved ? "Proved" : "Not proved"}</span></div>
</header>`;
}

const tick = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 13l4.5 4.5L19 7"/></svg>`;
const cross = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>`;

function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function red(proof: Proof): string {
  const items = proof.runs.flatMap(({ phase, results }) =>
    results.filter(isRed).map((result) => redItem(phase, result)),
  );
  return items.length === 0
    ? ""
    : `<section class="red" aria-label="Red checks"><h2>What is red</h2>${items.join("")}</section>`;
}

function waived({ runs: all }: Proof): string {
  const items = all.flatMap(({ phase, results }) =>
    results.filter(({ outcome }) => outcome === "waived").map((result) => waivedItem(phase, result)),
  );
  return items.length === 0
    ? ""
    : `<section class="red" aria-label="Waived checks"><h2>What is red and waived</h2>${items.join("")}</section>`;
}

function waivedItem(phase: string, { id, title, detail, waiver }: CheckResult): string {
  const { reason = "", owner = "", expires = "" } = waiver ?? {};
  return `<article class="waived"><h3>${escapeMarkup(title)} <small>${escapeMarkup(id)} · ${escapeMarkup(phase)} · waived</small></h3>
<p class="evidence">${escapeMarkup(detail)}</p><dl><dt>Why it may be</dt><dd>${escapeMarkup(reason)}</dd><dt>Who answers for it</dt><dd>${escapeMarkup(owner)}</dd><dt>Until</dt><dd>${escapeMarkup(expires)}</dd></dl></article>`;
}

function redItem(phase: string, { id, title, severity, outcome, detail, why, fix }: CheckResult): string {
  const state = outcome === "unknown" ? "unknown" : severity === "warning" ? "warning" : "failed";
  return `<article class="${state}"><h3>${escapeMarkup(title)} <small>${escapeMarkup(id)} · ${escapeMarkup(phase)} · ${state}</small></h3>
<p class="evidence">${escapeMarkup(detail)}</p><dl><dt>Why it matters</dt><dd>${escapeMarkup(why)}</dd><dt>What to do</dt><dd>${escapeMarkup(fix)}</dd></dl></article>`;
}

function runs(proof: Proof): string {
  const cards = proof.runs.map(({ phase, machine, results, seconds }) => {
    const { passed, failed, warnings, waived: excused, total } = tally(results);
    const share = (part: number) => (total === 0 ? 0 : (100 * part) / total).toFixed(2);
    return `<li class="card"><h3>${escapeMarkup(phase)}</h3><p class="machine">${escapeMarkup(machine)}</p>
<p class="figure">${passed}<small>/${total}</small></p>
<div class="bar" aria-hidden="true"><i class="good" style="width:${share(passed)}%"></i><i class="warn" style="width:${share(warnings)}%"></i><i class="waived" style="width:${share(excused)}%"></i><i class="bad" style="width:${share(failed)}%"></i></div>
<p class="note">${failed > 0 ? `${failed} failed, ` : ""}${warnings > 0 ? `${countOf(warnings, "warning")}, ` : ""}${excused > 0 ? `${excused} waived, ` : ""}took ${duration(seconds)}</p></li>`;
  });
  return `<section aria-label="Runs"><h2>Runs</h2><ol class="cards">${cards.join("")}</ol></section>`;
}

function checks({ runs: all }: Proof): string {
  const shown = grouped(all);
  if (shown.length === 0) return "";
  const heads = all.map(({ phase }) => `<th scope="col" class="phase">${escapeMarkup(phase)}</th>`).join("");
  const number = shown.reduce((sum, { rows }) => sum + rows.length, 0);
  return `<section><h2>Checks <small>${number} in ${countOf(shown.length, "group")}</small></h2>
<div class="scroll"><table><thead><tr><th scope="col">Check</th>${heads}<th scope="col" class="time">Time</th></tr></thead>
${shown.map((group) => checkGroup(group, all.length + 2)).join("\n")}</table></div></section>`;
}

function checkGroup({ name, rows }: CheckGroup, columns: number): string {
  const faults = rows.filter(({ results }) => results.some((result) => result && isRed(result)));
  const note = faults.length > 0 ? `${faults.length} of ${rows.length} red` : `${rows.length} green`;
  return `<tbody><tr class="group"><th scope="rowgroup" colspan="${columns}">${escapeMarkup(name)} <small>${note}</small></th></tr>
${rows.map(checkRow).join("\n")}</tbody>`;
}

function checkRow({ id, title, results }: CheckRow): string {
  const last = results.findLast((result) => result !== undefined);
  const total = results.reduce((sum, result) => sum + (result?.seconds ?? 0), 0);
  return `<tr><td><details><summary>${escapeMarkup(title)}</summary><p>${escapeMarkup(last?.why ?? "")}</p><p class="id">${escapeMarkup(id)}</p></details><p class="evidence">${escapeMarkup(last?.detail ?? "")}</p></td>${results.map(mark).join("")}<td class="time">${duration(total)}</td></tr>`;
}

function mark(result: CheckResult | undefined): string {
  if (!result) return `<td class="phase"><span class="none" title="not part of this phase">·</span></td>`;
  const { outcome, severity } = result;
  if (outcome === "passed")
    return `<td class="phase"><span class="pill good" title="passed">${tick}<b>pass</b></span></td>`;
  if (outcome === "waived")
    return `<td class="phase"><span class="pill waived" title="${escapeMarkup(result.detail)}"><b>waived</b></span></td>`;
  const kind = severity === "warning" ? "warn" : "bad";
  const word = outcome === "unknown" ? "unknown" : severity === "warning" ? "warn" : "fail";
  return `<td class="phase"><span class="pill ${kind}" title="${escapeMarkup(result.detail)}">${outcome === "unknown" ? "<b>?</b>" : cross}<b>${word}</b></span></td>`;
}

function screen({ screen: lines }: Proof): string {
  if (!lines) return "";
  const drawn = lines
    .map((line) => line.map(screenPiece).join("").trimEnd())
    .join("\n")
    .trimEnd();
  return `<section><h2>Setup wizard <small>What the clone's console shows, 80 columns wide</small></h2>
<div class="terminal" role="img" aria-label="The setup wizard's first screen"><pre>${drawn}</pre></div></section>`;
}

function screenPiece({ text, color, background, bold }: ScreenPiece): string {
  const look = [
    ...(color ? [`color:${color}`] : []),
    ...(background ? [`background:${background}`] : []),
    ...(bold ? ["font-weight:700"] : []),
  ].join(";");
  return look ? `<span style="${look}">${escapeMarkup(text)}</span>` : escapeMarkup(text);
}

const slowest = 10;

function machine({ inventory }: Proof): string {
  if (!inventory) return "";
  const { os, kernel, bootSeconds, restartSeconds, unitSeconds } = inventory;
  const facts = {
    system: os,
    kernel,
    ...(bootSeconds > 0 && { boot: duration(bootSeconds) }),
    ...(restartSeconds > 0 && { "restart until SSH answers": duration(restartSeconds) }),
  };
  const starts = Object.entries(unitSeconds)
    .sort(([, one], [, other]) => other - one)
    .slice(0, slowest);
  const longest = starts[0]?.[1] ?? 1;
  const bars = starts.map(
    ([unit, seconds]) =>
      `<li><code>${escapeMarkup(unit)}</code><div class="bar" aria-hidden="true"><i class="accent" style="width:${((100 * seconds) / longest).toFixed(1)}%"></i></div><b>${duration(seconds)}</b></li>`,
  );
  return `${factList("Machine", "What the proved clone is", facts)}
<section><h2>Slowest starts <small>Of this boot, as systemd counts them</small></h2><ol class="starts">${bars.join("")}</ol></section>`;
}

function packages({ inventory }: Proof): string {
  const entries = Object.entries(inventory?.packages ?? {});
  if (entries.length === 0) return "";
  return `<section><h2>Packages <small>${entries.length} installed</small></h2>
<details class="packages"><summary>Show all ${entries.length} with their versions</summary><div class="scroll"><table class="inputs"><tbody>${entries.map(([name, version]) => `<tr><th scope="row">${escapeMarkup(name)}</th><td><code>${escapeMarkup(version)}</code></td></tr>`).join("")}</tbody></table></div></details></section>`;
}

function factList(title: string, note: string, facts: Readonly<Record<string, string>>): string {
  const entries = Object.entries(facts);
  if (entries.length === 0) return "";
  return `<section><h2>${title} <small>${note}</small></h2><dl class="facts">${entries.map(([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd>`).join("")}</dl></section>`;
}

function fingerprint({ fingerprint: inputs }: Proof): string {
  const entries = Object.entries(inputs);
  if (entries.length === 0) return "";
  return `<section><h2>Fingerprint <small>${countOf(entries.length, "input")}; a moved one makes a new template</small></h2>
<div class="scroll"><table class="inputs"><tbody>${entries.map(([name, digest]) => `<tr><th scope="row">${escapeMarkup(name)}</th><td><code>${escapeMarkup(digest)}</code></td></tr>`).join("")}</tbody></table></div></section>`;
}

function time(iso: string): string {
  return `<time datetime="${escapeMarkup(iso)}">${escapeMarkup(iso.slice(0, 16).replace("T", " "))} UTC</time>`;
}
