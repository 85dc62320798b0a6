/** Everything that is decided before the first resource: configuration, sources, artifacts, placement, fingerprint. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Appliance } from "../appliances/types.ts";
import { artifactFaults } from "../common/artifact-files.ts";
import { type ExpectedArtifact, parseArtifactManifest } from "../common/artifact-manifest.ts";
import { Problem, Problems } from "../common/problem.ts";
import { readConfig, type Settings } from "../config.ts";
import { type Access, accessOf } from "./access.ts";
import { expectedArtifacts, groupFaults, withArtifactGroups } from "./artifact-groups.ts";
import { type BuildRecord, buildRecord } from "./build-record.ts";
import { type Fingerprint, fingerprintOf, shortDigest } from "./fingerprint.ts";
import { withOwnDatabase } from "./own-database.ts";
import { findPlacement, type Placement } from "./placement.ts";
import { readSources, type Sources, stepsFolder } from "./sources.ts";

export interface Plan {
  /** Their appliance is the one with the parts that the manifest brings. */
  settings: Settings;
  sources: Sources;
  artifacts: readonly ExpectedArtifact[];
  placement: Placement;
  access: Access;
  fingerprint: Fingerprint;
  record: BuildRecord;
  templateName: string;
  /** The user who logs in to the finished appliance with a key. */
  operator: string;
  /** Text of the script that reads a clone's own database access. */
  databaseAccessScript: string;
  tags: Record<string, string>;
}

/**
 * @param root the project's folder
 * @throws Problems with every fault of sources, artifacts and cloud in one report; nothing was created by then
 */
export async function readPlan(root: string): Promise<Plan> {
  const { settings: configured, faults } = withOwn(root, readConfig());
  const artifacts = collect(faults, () => readArtifacts(root, configured));
  const settings = { ...configured, appliance: withArtifactGroups(configured.appliance, artifacts ?? []) };
  const { sources, faults: unreadable } = readSources(root, settings.appliance);
  faults.unshift(...unreadable);
  const access = collect(faults, () => accessOf(settings.stack, settings));
  const placement = await findPlacement(settings).catch((error: unknown) => {
    if (!(error instanceof Problems)) throw error;
    faults.push(...error.problems);
    return undefined;
  });
  if (faults.length > 0 || !artifacts || !access || !placement) {
    throw new Problems(`Stack ${settings.stack} cannot be built`, faults);
  }
  const { appliance, rootDiskGiB, securityUpdates, stack } = settings;
  const { base } = placement;
  const fingerprint = fingerprintOf(appliance, sources, artifacts, base, rootDiskGiB, securityUpdates);
  const digest = shortDigest(fingerprint);
  return {
    settings,
    sources,
    artifacts,
    placement,
    access,
    fingerprint,
    record: buildRecord(appliance, base, artifacts, fingerprint, securityUpdates),
    operator: operatorOf(appliance),
    databaseAccessScript: sources.files.get(`${stepsFolder}/read-database-access.sh`)?.text ?? "",
    templateName: settings.templateName ?? `${appliance.name}-${stack}-${digest}`,
    tags: { appliance: appliance.name, stack: `${pulumi.getProject()}/${stack}`, fingerprint: digest },
  };
}

/** The appliance with what the stack puts in the place of its parts. */
function withOwn(root: string, settings: Settings): { settings: Settings; faults: Problem[] } {
  const faults: Problem[] = [];
  const { appliance, databaseFolder } = settings;
  const own = databaseFolder && collect(faults, () => withOwnDatabase(root, appliance, databaseFolder));
  return { settings: own ? { ...settings, appliance: own } : settings, faults };
}

function operatorOf(appliance: Appliance): string {
  const operator = appliance.users.find((user) => user.login === "key");
  if (!operator) throw new Error(`${appliance.name} has no user who logs in with a key`);
  return operator.name;
}

function readArtifacts(root: string, settings: Settings): readonly ExpectedArtifact[] {
  const { appliance, artifacts: path } = settings;
  const manifest = parseArtifactManifest(path, readFileSync(resolve(root, path), "utf8"));
  const expected = expectedArtifacts(appliance, manifest);
  const faults = [...groupFaults(path, appliance, expected), ...artifactFaults(root, expected)];
  if (faults.length > 0) throw new Problems(`Artifacts of ${path}`, faults);
  return expected;
}

/** Runs one part of the reading; its faults join the report instead of ending it. */
function collect<T>(faults: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problems) faults.push(...error.problems);
    else if (error instanceof Problem) faults.push(error);
    else throw error;
    return undefined;
  }
}
