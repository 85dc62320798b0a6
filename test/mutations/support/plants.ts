/**
 * Plants the fault of every check's record in machines, and sees whether that check turns red. One machine takes many
 * faults one after the other: a check whose own fault is not planted yet must be green just before it is, so a red one
 * waits for a fresh machine. Faults that touch much come last.
 */
import type { Check, CheckResult } from "../../../appliances/checks/types.ts";
import { type Question, resultsOf, verdictList } from "../../../providers/guest/checks/evaluate.ts";
import { askMachine } from "../../../providers/guest/machine/ask.ts";
import type { Mutant } from "./machine.ts";

export interface Planted {
  id: string;
  caught: boolean;
  /** What the check saw, or why its fault could not be planted. */
  seen: string;
}

export interface Plan {
  questions: readonly (Question & { check: Check })[];
  /** A fresh machine whose checks are all green. */
  fresh(): Promise<Mutant>;
  tell(line: string): void;
}

/** How long a fault may take to show: a service that died is started again after ten seconds. */
const showsWithinSeconds = 25;

/** Machines at the most: what is never green on a fresh one is told, not tried for ever. */
const roundsAtMost = 8;

/** Faults of files are seen by few checks, a stopped service by many. */
const reach: Readonly<Record<Check["probe"]["kind"], number>> = {
  file: 0,
  glob: 0,
  "environment-file": 0,
  package: 0,
  "os-release": 0,
  "unit-file": 1,
  user: 1,
  sql: 2,
  script: 3,
  "failed-units": 4,
  listen: 5,
  http: 6,
  unit: 7,
};

export async function plantAll(plan: Plan): Promise<Planted[]> {
  let waiting = [...plan.questions].sort(
    (one, other) => reach[one.check.probe.kind] - reach[other.check.probe.kind],
  );
  const planted: Planted[] = [];
  for (let round = 1; waiting.length > 0 && round <= roundsAtMost; round += 1) {
    const machine = await plan.fresh();
    const { done, left } = await plantOn(machine, waiting, plan);
    await machine.remove();
    planted.push(...done);
    waiting = left;
    plan.tell(`machine ${round}: ${done.length} planted, ${left.length} wait for a fresh one`);
  }
  return [
    ...planted,
    ...waiting.map(({ id }) => ({ id, caught: false, seen: "it is red before its fault is planted" })),
  ];
}

type Asked = Plan["questions"][number];

async function plantOn(
  machine: Mutant,
  waiting: readonly Asked[],
  plan: Plan,
): Promise<{ done: Planted[]; left: Asked[] }> {
  const done: Planted[] = [];
  const left: Asked[] = [];
  let state = await look(machine, plan.questions);
  for (const question of waiting) {
    if (state.get(question.id)?.outcome !== "passed") {
      left.push(question);
      continue;
    }
    const ran = await machine.run(question.check.plant);
    if (ran.code !== 0) {
      done.push({
        id: question.id,
        caught: false,
        seen: `its plant ended with ${ran.code}: ${ran.stderr.trim()}`,
      });
      continue;
    }
    const seen = await untilRed(machine, question);
    done.push({ id: question.id, caught: seen.outcome !== "passed", seen: seen.detail });
    plan.tell(`${seen.outcome === "passed" ? "NOT CAUGHT" : "caught"} ${question.id}: ${seen.detail}`);
    state = await look(machine, plan.questions);
  }
  return { done, left };
}

async function untilRed(machine: Mutant, question: Asked): Promise<CheckResult> {
  const deadline = performance.now() + showsWithinSeconds * 1000;
  for (;;) {
    const seen = (await look(machine, [question])).get(question.id);
    if (!seen) throw new Error(`no answer to ${question.id}`);
    if (seen.outcome !== "passed" || performance.now() > deadline) return seen;
  }
}

export async function look(
  machine: Mutant,
  questions: readonly Asked[],
): Promise<ReadonlyMap<string, CheckResult>> {
  const checks = questions.map(({ id, probe, expect }) => ({ id, probe, expect }));
  const { verdicts } = verdictList.parse(await askMachine(machine.shell, { checks }));
  return new Map(
    resultsOf(
      questions.map(({ check }) => check),
      verdicts,
    ).map((result) => [result.id, result]),
  );
}
