/** The failures of the field: complete, told once, and what is said to catch them exists. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fieldFailures } from "../../appliances/failures/index.ts";
import type { Catcher } from "../../appliances/failures/types.ts";
import { appliances } from "../../appliances/index.ts";
import { packageRules } from "../../toolchain/package/rules/index.ts";
import { paths } from "../../toolchain/project.ts";

/** Why a catcher cannot catch anything; undefined when it is there. */
function absence(catcher: Catcher, names: readonly string[]): string | undefined {
  if ("source" in catcher) {
    return existsSync(join(paths.root, catcher.source)) ? undefined : `no file ${catcher.source}`;
  }
  if ("packageRule" in catcher) {
    const known = packageRules.some(({ id }) => id === catcher.packageRule);
    return known ? undefined : `no rule ${catcher.packageRule}`;
  }
  const known = names.flatMap((name) => appliances[name]?.checks ?? []).map(({ id }) => id);
  return known.includes(catcher.check) ? undefined : `no check ${catcher.check}`;
}

test("34 failures, each under an id of its own", () => {
  expect(new Set(fieldFailures.map(({ id }) => id)).size).toBe(34);
  expect(fieldFailures).toHaveLength(34);
});

test("each tells what one sees, why, and what to do, and concerns an appliance", () => {
  for (const { id, symptom, cause, remedy, appliances: names } of fieldFailures) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/u);
    expect([id, ...[symptom, cause, remedy].filter((text) => !/^\S.{20,}\.$/u.test(text))]).toEqual([id]);
    expect([id, names.filter((name) => !["oma", "vma"].includes(name))]).toEqual([id, []]);
    expect(names, id).not.toEqual([]);
  }
});

test("whatever is said to catch a failure is there", () => {
  const absent = fieldFailures.flatMap(({ id, caughtBy, appliances: names }) =>
    caughtBy.flatMap((catcher) => absence(catcher, names) ?? []).map((fault) => `${id}: ${fault}`),
  );
  expect(absent).toEqual([]);
});

test("a catcher that is not there is seen", () => {
  expect(absence({ check: "service/gone" }, ["oma"])).toBe("no check service/gone");
  expect(absence({ check: "gui/build" }, ["vma"])).toBe("no check gui/build");
  expect(absence({ packageRule: "gui/gone" }, ["oma"])).toBe("no rule gui/gone");
  expect(absence({ source: "assets/gone.sh" }, ["oma"])).toBe("no file assets/gone.sh");
});
