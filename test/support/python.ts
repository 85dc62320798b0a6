/** Modules that run in a machine, asked here without one. */
import { spawnSync } from "node:child_process";
import { expect } from "vitest";

/**
 * A function that evaluates Python expressions in one process; what is said by a ValueError becomes {mistake}.
 * @param folders of the modules  @param imports lines that give the expressions their names
 */
export function pythonOf(folders: readonly string[], imports: readonly string[]) {
  const program = [
    "import json, sys",
    "sys.path[:0] = sys.argv[1:]",
    "from dataclasses import asdict, is_dataclass",
    ...imports,
    "def value(expression):",
    "    try:",
    "        found = eval(expression)",
    "    except ValueError as mistake:",
    '        return {"mistake": str(mistake)}',
    "    return asdict(found) if is_dataclass(found) else found",
    "print(json.dumps([value(expression) for expression in json.load(sys.stdin)]))",
  ].join("\n");
  return (...expressions: string[]): unknown[] => {
    const run = spawnSync("python3", ["-B", "-c", program, ...folders], {
      encoding: "utf8",
      input: JSON.stringify(expressions),
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout) as unknown[];
  };
}

/** One row is an expression and what it must be. */
export function table(
  python: ReturnType<typeof pythonOf>,
  rows: readonly (readonly [string, unknown])[],
): void {
  const seen = python(...rows.map(([expression]) => expression));
  expect(rows.map(([expression], index) => [expression, seen[index]])).toEqual(rows);
}

export const mistake = (text: RegExp) => ({ mistake: expect.stringMatching(text) });
