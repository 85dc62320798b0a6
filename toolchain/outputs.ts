/** A stack's outputs for people. Secrets are never printed; the command that shows them is. */
const secretMark = "[secret]";

/**
 * @param outputs what `pulumi stack output --json` gave, secrets already hidden by the engine
 */
export function describeOutputs(outputs: Readonly<Record<string, unknown>>, stack: string): string[] {
  return Object.entries(outputs).flatMap(([name, value]) => ["", name, ...lines(value, 1, name, stack)]);
}

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
    if (isPlain(inner)) return [`${indent}${key.padEnd(width)}  ${String(inner)}`];
    return [`${indent}${key}`, ...lines(inner, depth + 1, output, stack)];
  });
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function secretHint(output: string, stack: string): string {
  return `[secret: npm run pulumi -- stack output --show-secrets ${output} -s ${stack}]`;
}
