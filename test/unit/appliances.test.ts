/** The appliances as data: whatever they name exists, and whatever proves them can be read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appliances } from "../../appliances/index.ts";
import { searchOfTemplate } from "../../common/script-header.ts";
import { readSources } from "../../inputs/sources.ts";
import { parseChecks } from "../../providers/guest/checks/parse.ts";
import { gateSchema } from "../../providers/guest/machine/gate.ts";
import { neverOnClones } from "../mutations/support/run.ts";

const root = join(import.meta.dirname, "..", "..");

describe.each(Object.values(appliances))("$name", (appliance) => {
  const { sources, faults } = readSources(root, appliance);
  const ids = appliance.checks.map(({ id }) => id);

  test("every source is there", () => {
    expect(faults.map(({ message }) => message)).toEqual([]);
  });

  test("its checks are what the guest provider takes, each with an id of its own", () => {
    expect(parseChecks(appliance.checks)).toMatchObject({ ok: true });
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every check says why, how to mend it, and which fault its test plants", () => {
    for (const { id, why, fix, plant, phases } of appliance.checks) {
      expect([id, why.length > 20, fix.length > 10, plant.length > 5]).toEqual([id, true, true, true]);
      expect(phases.length, id).toBeGreaterThan(0);
    }
  });

  test("checks of the sealed disk ask nothing of a running system, and there are some", () => {
    const onDisk = appliance.checks.filter(({ phases }) => phases.includes("sealed"));
    const running = ["unit", "failed-units", "http", "listen", "sql"];
    expect(onDisk.length).toBeGreaterThan(10);
    expect(onDisk.filter(({ probe }) => running.includes(probe.kind)).map(({ id }) => id)).toEqual([]);
  });

  test("every check is asked of a clone, where its fault can be planted", () => {
    expect(neverOnClones(appliance).map(({ id }) => id)).toEqual([]);
  });

  test("what a seal took away is no business of an appliance in use", () => {
    const live = appliance.checks.filter(({ phases }) => phases.includes("live"));
    expect(live.filter(({ group }) => group === "seal")).toEqual([]);
    expect(live.length).toBeGreaterThan(40);
  });

  test("scripts of checks exist and name no path outside the project", () => {
    const scripts = appliance.checks.flatMap(({ probe }) => (probe.kind === "script" ? [probe.script] : []));
    expect(scripts.filter((script) => !existsSync(join(root, script)))).toEqual([]);
  });

  test("every seal and first-boot operation is verified by checks that exist and run on clones", () => {
    const onClones = new Set(
      appliance.checks.filter(({ phases }) => phases.includes("clone")).map(({ id }) => id),
    );
    for (const { source, verifiedBy } of [...sources.seal, ...sources.firstBoot]) {
      const unproved = verifiedBy.filter((id) => !onClones.has(id) && id !== searchOfTemplate);
      expect([source.path, unproved]).toEqual([source.path, []]);
    }
  });

  test("the number in an operation's name is its order, and no two share one", () => {
    for (const operations of [sources.seal, sources.firstBoot]) {
      const orders = operations.map(({ order }) => order);
      expect(operations.map(({ source }) => Number(/\/(\d+)-/u.exec(source.path)?.[1]))).toEqual(orders);
      expect(new Set(orders).size).toBe(orders.length);
    }
  });

  test("every first-boot operation is placed in the machine, where the runner looks for it", () => {
    const placed = appliance.files.filter(({ to }) => to.includes("/first-boot/")).map(({ from }) => from);
    expect(placed.sort()).toEqual(sources.firstBoot.map(({ source }) => source.path).sort());
  });

  test("at its end the seal takes the way in away, then cleans free space of what was deleted, then the mark goes", () => {
    const last = sources.seal.slice(-3).map(({ source }) => source.path.replace(/^.*\/|\.sh$/gu, ""));
    expect(last).toEqual(["96-access", "98-free-space", "99-build-mark"]);
  });

  test("no operation of the seal runs on another machine than a build machine", () => {
    for (const { source } of sources.seal) {
      const first = source.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))[1];
      expect([source.path, first]).toEqual([
        source.path,
        `source "$(dirname -- "\${BASH_SOURCE[0]}")/lib/build-machine.bash"`,
      ]);
    }
  });

  test("units start after units that stand before them, and their gates are ones the guest provider takes", () => {
    const before: string[] = [];
    for (const { name, after, ready } of appliance.units) {
      expect([name, after.filter((unit) => !before.includes(unit))]).toEqual([name, []]);
      expect(gateSchema.safeParse(ready)).toMatchObject({ success: true });
      before.push(name);
    }
  });

  test("users of services exist, as users of the appliance or of a package", () => {
    const known = new Set(["root", "mysql", "nbd", ...appliance.users.map(({ name }) => name)]);
    for (const { name, from } of appliance.units) {
      const user = from && /^User=(.*)$/mu.exec(readFileSync(join(root, from), "utf8"))?.[1];
      expect([name, known.has(user || "root")]).toEqual([name, true]);
    }
  });

  test("no unit holds a secret, and every environment file of a unit is a secret file of the appliance", () => {
    const secret = new Set(appliance.secretFiles.map(({ path }) => path));
    for (const { from } of appliance.units) {
      if (!from) continue;
      const text = readFileSync(join(root, from), "utf8");
      expect([from, /PASSWORD=|_KEY=|DSN=|-db-pass/u.test(text)]).toEqual([from, false]);
      for (const [, path = ""] of text.matchAll(/^EnvironmentFile=(.*)$/gmu)) expect(secret).toContain(path);
    }
  });

  test("every secret of the build is replaced by a template, and all of them are used", () => {
    const values = appliance.secretFiles.flatMap(({ lines }) => lines.map(({ value }) => value)).join("\n");
    for (const secret of appliance.database ? ["{databasePassword}", "{credentialKey}"] : []) {
      expect(values).toContain(secret);
    }
  });
});
