/** A part of a document that is made from the project's own records, between two marks in the file. */
export interface GeneratedPart {
  /** Path below the project's folder. */
  file: string;
  /** In the marks: `<!-- generated: NAME -->` and `<!-- end: NAME -->`. */
  name: string;
  /** Markdown. */
  text(): string;
}

/** @throws Error when the document has not the part's marks */
export function withPart(document: string, { file, name, text }: GeneratedPart): string {
  const begin = `<!-- generated: ${name} -->`;
  const end = `<!-- end: ${name} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no part ${begin} ... ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text().trim()}\n\n${document.slice(to)}`;
}

/** A table in Markdown, with columns as the formatter aligns them. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")),
  );
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}
