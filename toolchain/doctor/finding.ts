/** One thing that doctor looked at. */
export interface Finding {
  area: "machine" | "engine" | "lab" | "stack" | "cloud";
  title: string;
  /** `note` is worth knowing and stops nothing. */
  state: "ok" | "note" | "fault";
  detail: string;
  /** What to type, for a fault. */
  next?: string;
}

export function ok(area: Finding["area"], title: string, detail: string): Finding {
  return { area, title, state: "ok", detail };
}

export function note(area: Finding["area"], title: string, detail: string, next?: string): Finding {
  return { area, title, state: "note", detail, ...(next === undefined ? {} : { next }) };
}

export function fault(area: Finding["area"], title: string, detail: string, next: string): Finding {
  return { area, title, state: "fault", detail, next };
}

/** All findings, grouped by area, and a last line that counts the faults. */
export function describeFindings(findings: readonly Finding[]): string[] {
  const areas = [...new Set(findings.map(({ area }) => area))];
  const faults = findings.filter(({ state }) => state === "fault").length;
  const count = faults === 0 ? "No fault found." : `${faults} fault${faults === 1 ? "" : "s"} found.`;
  return [
    ...areas.flatMap((area) => ["", area, ...findings.filter((one) => one.area === area).flatMap(lines)]),
    "",
    count,
  ];
}

function lines({ title, state, detail, next }: Finding): string[] {
  const mark = { ok: "ok   ", note: "note ", fault: "FAULT" }[state];
  const first = `  ${mark}  ${title}: ${detail}`;
  return next === undefined ? [first] : [first, `           next: ${next}`];
}
