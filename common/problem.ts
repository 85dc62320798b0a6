/**
 * An error written for the person at the keyboard: what failed, on which object, why, and what to type next.
 * Everything that is not a Problem is a bug and keeps its stack.
 */
export class Problem extends Error {
  readonly what: string;
  readonly object: string;
  readonly because: string;
  readonly next: string;

  constructor(parts: ProblemParts) {
    super(`${parts.what}: ${parts.object}\n  because: ${parts.because}\n  next:    ${parts.next}`, {
      cause: parts.cause,
    });
    this.name = "Problem";
    this.what = parts.what;
    this.object = parts.object;
    this.because = parts.because;
    this.next = parts.next;
  }
}

/**
 * A Problem that crossed a process border as text: `what: object`, `because:` and `next:` on lines of their own, with
 * words of whoever carried it before. undefined when the text holds none.
 */
export function problemIn(text: string): Problem | undefined {
  const found = /(?:^|: )([^:\n]+): ([^\n]+)\n\s*because: ([\s\S]+?)\n\s*next: +([^\n]+)/u.exec(text);
  if (!found) return undefined;
  const [, what = "", object = "", because = "", next = ""] = found;
  return new Problem({ what, object, because, next });
}

export interface ProblemParts {
  /** What failed, a short clause: "cannot start the unit". */
  what: string;
  /** The object it failed on, by its own name: "oma-api.service on oma-dev-build". */
  object: string;
  /** The cause, with the evidence at hand (a status, the last log lines). Never a secret. */
  because: string;
  /** The next command to type, or the file and line to edit. */
  next: string;
  cause?: unknown;
}

/** Several problems found in one look, reported together. */
export class Problems extends Error {
  readonly problems: readonly Problem[];

  constructor(title: string, problems: readonly Problem[]) {
    super([`${title} (${problems.length}):`, ...problems.map((p) => p.message)].join("\n"));
    this.name = "Problems";
    this.problems = problems;
  }
}
