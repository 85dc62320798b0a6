/** Each input of an appliance has a digest of its own, so that a preview can name the one that moved. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { type Fingerprint, fingerprintOf, shortDigest } from "../../inputs/fingerprint.ts";
import { readSources } from "../../inputs/sources.ts";
import { root } from "../../toolchain/project.ts";

const base = { id: "1", name: "Ubuntu 24.04 LTS", created: "2026-01-01T00:00:00+0000" };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fingerprint-"));
  cpSync(join(root, "assets"), join(folder, "assets"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fingerprint(
  parts: { appliance?: typeof oma; template?: typeof base; disk?: number; updates?: boolean } = {},
): Fingerprint {
  const { appliance = oma, template = base, disk = 100, updates = true } = parts;
  const { sources, faults } = readSources(folder, appliance);
  expect(faults).toEqual([]);
  const manifest = readFileSync(join(folder, appliance.artifacts), "utf8");
  return fingerprintOf(
    appliance,
    sources,
    parseArtifactManifest(appliance.artifacts, manifest).artifacts,
    template,
    disk,
    updates,
  );
}

function moved(before: Fingerprint, after: Fingerprint): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]);
}

test("the same inputs have the same fingerprint", () => {
  expect(fingerprint()).toEqual(fingerprint());
  expect(shortDigest(fingerprint())).toMatch(/^[0-9a-f]{12}$/u);
});

test.each([
  ["assets/oma/units/oma-api.service", "unit/oma-api.service"],
  ["assets/oma/database/schema.sql", "database/schema.sql"],
  ["assets/oma/database/seed.sql", "database/seed.sql"],
  [
    "assets/oma/database/migrations/20250928200000_vma_enrollment_system.up.sql",
    "database/20250928200000_vma_enrollment_system.up.sql",
  ],
  ["assets/common/seal/95-machine-id.sh", "seal/95-machine-id.sh"],
  ["assets/common/steps/install-packages.sh", "steps/install-packages.sh"],
  ["assets/common/steps/lib/parameters.bash", "steps/lib/parameters.bash"],
  ["assets/common/wizard/setup-wizard.sh", "file/opt/ossea-migrate/oma-setup-wizard.sh"],
])("a touched %s moves %s alone", (path, name) => {
  const before = fingerprint();
  const file = join(folder, path);
  writeFileSync(file, `${readFileSync(file, "utf8")}# touched\n`);
  const after = fingerprint();
  expect(moved(before, after)).toEqual([name]);
  expect(shortDigest(after)).not.toBe(shortDigest(before));
});

test("another artifact moves that artifact alone", () => {
  const before = fingerprint();
  const file = join(folder, oma.artifacts);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/(name: volume-daemon\n\s+version: ).*/u, "$1v1.3.2"));
  expect(moved(before, fingerprint())).toEqual(["artifact/volume-daemon"]);
});

test.each<[string, Parameters<typeof fingerprint>[0], string]>([
  ["base template", { template: { ...base, id: "2" } }, "base-template"],
  ["root disk", { disk: 120 }, "root-disk"],
  ["security updates", { updates: false }, "security-updates"],
  ["package", { appliance: { ...oma, packages: [...oma.packages, "less"] } }, "packages"],
  ["user", { appliance: { ...oma, users: oma.users.slice(1) } }, "users"],
  ["masked unit", { appliance: { ...oma, maskedUnits: [] } }, "layout"],
])("another %s moves its own entry alone", (_what, parts, name) => {
  expect(moved(fingerprint(), fingerprint(parts))).toEqual([name]);
});

test("the appliance carries its checks, so a moved one moves what is built; how it is tested does not", () => {
  const [first, ...rest] = oma.checks;
  if (!first) throw new Error("no checks");
  const before = fingerprint();
  const mended = { ...oma, checks: [{ ...first, fix: "mend it another way" }, ...rest] };
  expect(moved(before, fingerprint({ appliance: mended }))).toEqual(["checks"]);
  const planted = { ...oma, checks: [{ ...first, plant: "another fault" }, ...rest] };
  expect(moved(before, fingerprint({ appliance: planted }))).toEqual([]);
});

test("a missing file and a script without its header are faults, each told with its path", () => {
  rmSync(join(folder, "assets/oma/units/oma-api.service"));
  writeFileSync(
    join(folder, "assets/common/seal/10-services.sh"),
    "#!/usr/bin/env bash\nset -euo pipefail\n",
  );
  const { faults } = readSources(folder, oma);
  expect(faults.map(({ object }) => object)).toEqual(
    expect.arrayContaining([
      "assets/oma/units/oma-api.service",
      expect.stringContaining("assets/common/seal/10-services.sh"),
    ]),
  );
  expect(faults).toHaveLength(2);
});
