/** A stack's outputs for people. Secrets are never printed; the command that shows them is. */
const secretMark = "[secret]";

/**
 * @param outputs what `pulumi stack output --json` gave, secrets already hidden by the engine
 */
export function describeOutputs(outputs: Readonly<Record<string, unknown>>, stack: string): string[] {
  return Object.entries(outputs)
    .sort(([a], [b]) => rank(a) - rank(b))
    .flatMap(([name, value]) => ["", name, ...lines(value, 1, name, stack)]);
}

/** What one reaches for first stands last, next to the prompt. */
const order = ["template", "report", "connection"];

function rank(name: string): number {
  return order.indexOf(name);
}

/** A longer map is told by its size: the fingerprint of an appliance has a line for each of its inputs. */
const longestMap = 12;

function lines(value: unknown, depth: number, output: string, stack: string): string[] {
  const indent = "  ".repeat(depth);
  if (value === secretMark) return [`${indent}${secretHint(output, stack)}`];
  if (typeof value !== "object" || value === null) return [`${indent}${String(value)}`];
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((inner, index) => [String(index + 1), inner])
    : Object.entries(value);
  const width = Math.max(0, ...entries.filter(([, inner]) => isPlain(inner)).map(([key]) => key.length));
  return entries.flatMap(([key, inner]) => {
    if (inner === secretMark) return [`${indent}${key.padEnd(width)}  ${secretHint(output, stack)}`];
    if (sizeOf(inner) > longestMap) {
      return [
        `${indent}${key}`,
        `${indent}  ${sizeOf(inner)} entries: npm run pulumi -- stack output ${output} -s ${stack}`,
      ];
    }
    if (sizeOf(inner) === 0 && !isPlain(inner)) return [];
    if (isPlain(inner)) return [`${indent}${key.padEnd(width)}  ${String(inner)}`];
    return [`${indent}${key}`, ...lines(inner, depth + 1, output, stack)];
  });
}

function sizeOf(value: unknown): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function secretHint(output: string, stack: string): string {
  return `[secret: npm run pulumi -- stack output --show-secrets ${output} -s ${stack}]`;
}
