/**
 * Checks as they leave the project. The faults that their tests plant stay behind: no machine is another one for them,
 * and an appliance carries no recipe for its own faults.
 */
export function asked<Record extends { plant: string }>(checks: readonly Record[]): Omit<Record, "plant">[] {
  return checks.map(({ plant: _, ...check }) => check);
}
