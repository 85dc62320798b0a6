/** The mutation run: every check of an appliance, on clones of one captured template in a lab. */
import { setTimeout as sleep } from "node:timers/promises";
import { rootDiskCheck } from "../../../appliances/checks/root-disk.ts";
import type { Check } from "../../../appliances/checks/types.ts";
import { fieldFailures } from "../../../appliances/failures/index.ts";
import type { Appliance } from "../../../appliances/types.ts";
import { questionOf } from "../../../providers/guest/acts/checks.ts";
import { isRed } from "../../../providers/guest/report/model.ts";
import { root } from "../../../toolchain/project.ts";
import { deployMutant, type Mutant, type Source } from "./machine.ts";
import { look, type Plan, type Planted, plantAll } from "./plants.ts";

/** Machines at the same time. */
const lanes = 2;

const settlesWithinSeconds = 120;

export async function runMutations(
  appliance: Appliance,
  source: Source,
  only: readonly string[],
  tell: (line: string) => void,
): Promise<Planted[]> {
  const wanted = (id: string) =>
    only.length === 0 || only.some((name) => id === name || id.startsWith(`${name}/`));
  const questions = await Promise.all(
    mutationsOf(appliance)
      .filter(({ id }) => wanted(id))
      .map(async (check) => ({ ...(await questionOf(check, root)), check })),
  );
  const shares = Array.from({ length: lanes }, (_, lane) =>
    questions.filter((_question, position) => position % lanes === lane),
  );
  const planted = await Promise.all(
    shares.map((share) =>
      plantAll({ questions: share, fresh: () => settled(appliance, source, share), tell }),
    ),
  );
  return planted.flat();
}

/** Every check with its own fault, and with each failure of the field that it is said to catch. */
export function mutationsOf(appliance: Appliance): Check[] {
  const checks = [...appliance.checks, rootDiskCheck(appliance.machine.rootDiskGiB)].filter(({ phases }) =>
    phases.includes("clone"),
  );
  const failures = fieldFailures.filter(({ appliances }) => appliances.includes(appliance.name));
  const ofFailures = failures.flatMap(({ id, caughtBy }) =>
    caughtBy.flatMap((catcher) => {
      if (!("check" in catcher) || catcher.plant === undefined) return [];
      const caught = checks.find((check) => check.id === catcher.check);
      if (!caught) throw new Error(`no clone answers ${catcher.check}, which is said to catch ${id}`);
      return [{ ...caught, id: `failure/${id}`, plant: catcher.plant }];
    }),
  );
  return [...checks, ...ofFailures];
}

/** Checks that no clone answers have nowhere to plant their fault. */
export function neverOnClones({ checks }: Appliance): Check[] {
  return checks.filter(({ phases }) => !phases.includes("clone"));
}

async function settled(appliance: Appliance, source: Source, questions: Plan["questions"]): Promise<Mutant> {
  const machine = await deployMutant(appliance, source);
  const deadline = performance.now() + settlesWithinSeconds * 1000;
  for (;;) {
    const red = [...(await look(machine, questions)).values()].filter(isRed);
    if (red.length === 0) return machine;
    if (performance.now() > deadline) {
      const told = red.map(({ id, detail }) => `${id}: ${detail}`).join("\n");
      await machine.remove();
      throw new Error(`a fresh clone does not become green:\n${told}`);
    }
    await sleep(500);
  }
}
