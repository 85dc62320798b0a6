/** An error for the person who runs the lab: what failed, why, and what to type next. */
export class LabProblem extends Error {
  readonly what: string;
  readonly because: string;
  readonly next: string;

  constructor(what: string, because: string, next: string, cause?: unknown) {
    super(`${what}\n  because: ${because}\n  next:    ${next}`, { cause });
    this.name = "LabProblem";
    this.what = what;
    this.because = because;
    this.next = next;
  }
}

/** A problem on its way from one process to another. */
export type ToldProblem = Pick<LabProblem, "what" | "because" | "next">;

/** The words of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
