/**
 * The record at the head of a seal or first-boot operation: comment lines `# name: value` between the shebang and the
 * first line that is no comment.
 */
import { Problem } from "./problem.ts";

export interface ScriptHeader {
  title: string;
  /** Operations run in this order. */
  order: number;
  /** What goes wrong in a clone without it. */
  why: string;
  /** What it does, for people. */
  what: string;
  /** Ids of the checks that prove it, or `searchOfTemplate`; at least one. */
  verifiedBy: readonly string[];
}

/** That a template's disk was searched for secrets of the build proves a seal operation as well as a check does. */
export const searchOfTemplate = "template/search";

const fields = ["title", "order", "why", "what", "verified-by"] as const;

/**
 * @param path for messages: "assets/common/seal/90-machine-id.sh"
 * @throws Problem naming every field that is missing or cannot be read
 */
export function parseScriptHeader(path: string, text: string): ScriptHeader {
  const values = headerValues(text);
  const faults: string[] = fields
    .filter((field) => !values.get(field))
    .map((field) => `no "# ${field}:" line`);
  const order = values.get("order") ?? "";
  if (order !== "" && !/^[1-9][0-9]*$/u.test(order))
    faults.push(`order "${order}" is no whole number above 0`);
  if (faults.length > 0) {
    throw new Problem({
      what: "an operation without its record",
      object: path,
      because: faults.join(", "),
      next: `edit the comment lines at the head of ${path}; the other operations beside it show the form`,
    });
  }
  return {
    title: values.get("title") ?? "",
    order: Number(order),
    why: values.get("why") ?? "",
    what: values.get("what") ?? "",
    verifiedBy: (values.get("verified-by") ?? "").split(/[\s,]+/u).filter(Boolean),
  };
}

function headerValues(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const head = end === -1 ? lines : lines.slice(0, end);
  return new Map(
    head.flatMap((line): [string, string][] => {
      const [, name, value] = /^# ([a-z-]+):[ \t]*(.*?)\s*$/u.exec(line) ?? [];
      return name && value !== undefined ? [[name, value]] : [];
    }),
  );
}
