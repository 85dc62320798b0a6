/** An error for the person who runs the lab: what failed, why, and what to type next. */
export class LabProblem extends Error {
  readonly because: string;

  constructor(what: string, because: string, next: string, cause?: unknown) {
    super(`${what}\n  because: ${because}\n  next:    ${next}`, { cause });
    this.name = "LabProblem";
    this.because = because;
  }
}

/** The words of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
