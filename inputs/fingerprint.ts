/**
 * What an appliance is made of, one digest for each named input. A preview shows this map, so it names the input that
 * moved. The checks are part of it: the appliance runs them itself.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Appliance } from "../appliances/types.ts";
import type { Artifact } from "../common/artifact-manifest.ts";
import { asked } from "./asked-checks.ts";
import type { SourceFile, Sources } from "./sources.ts";

/** Input name ("unit/oma-api.service") -> digest or version. */
export type Fingerprint = Readonly<Record<string, string>>;

export interface BaseTemplate {
  id: string;
  name: string;
  created: string;
}

export function fingerprintOf(
  appliance: Appliance,
  sources: Sources,
  artifacts: readonly Artifact[],
  base: BaseTemplate,
  rootDiskGiB: number,
  securityUpdates: boolean,
): Fingerprint {
  const inputs: [string, string][] = [
    ["base-template", `${base.name} ${base.id}`],
    ["root-disk", `${rootDiskGiB} GiB`],
    ["security-updates", securityUpdates ? "automatic" : "by hand"],
    ["packages", short(digestOf(appliance.packages))],
    ["users", short(digestOf(appliance.users))],
    ["checks", short(digestOf([asked(appliance.checks), asked(appliance.twins)]))],
    ["layout", short(digestOf(layoutOf(appliance)))],
    ...artifacts.map((artifact): [string, string] => [
      `artifact/${artifact.name}`,
      `${artifact.version} ${short(artifact.sha256)}`,
    ]),
    ...[...sources.files.values()].map((file): [string, string] => [
      inputName(appliance, file.path),
      short(file.sha256),
    ]),
    ...sqlFiles(sources).map((file): [string, string] => [
      `database/${basename(file.path)}`,
      short(file.sha256),
    ]),
  ];
  return Object.fromEntries(inputs.sort(([a], [b]) => a.localeCompare(b, "en")));
}

/** Twelve hexadecimal digits over the whole map: part of the template's name. */
export function shortDigest(fingerprint: Fingerprint): string {
  return short(digestOf(fingerprint));
}

function sqlFiles({ sql }: Sources): SourceFile[] {
  return sql ? [sql.schema, sql.seed, ...sql.migrations] : [];
}

/** "unit/oma-api.service", "seal/10-stop-services.sh", "file/etc/nbd-server/config". */
function inputName(appliance: Appliance, path: string): string {
  const unit = appliance.units.find((candidate) => candidate.from === path);
  if (unit) return `unit/${unit.name}`;
  const file = appliance.files.find((candidate) => candidate.from === path);
  if (file) return `file${file.to}`;
  return path.replace(/^assets\/(common\/)?/, "");
}

function layoutOf(appliance: Appliance): unknown {
  const { directories, files, links, units, maskedUnits, secretFiles, database, ports, sshPorts } = appliance;
  return {
    directories,
    files: files.map(({ to, mode, owner }) => [to, mode, owner]),
    links,
    units: units.map(({ name, enabled }) => [name, enabled]),
    maskedUnits,
    ports: ports.map(({ port }) => port),
    sshPorts,
    secretFiles,
    database: database && [
      database.name,
      database.user,
      database.characterSet,
      database.collation,
      database.objects,
    ],
  };
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function short(sha256: string): string {
  return sha256.slice(0, 12);
}
