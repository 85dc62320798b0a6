/** Parts of an appliance that a manifest brings as a whole or leaves out: what they add, and what is wrong with them. */
import type { Appliance, ArtifactGroup } from "../appliances/types.ts";
import {
  type Artifact,
  type ArtifactManifest,
  type ExpectedArtifact,
  knownBuilds,
} from "../common/artifact-manifest.ts";
import { Problem } from "../common/problem.ts";

/** The appliance with the packages, directories, files and checks of each group that the manifest has. */
export function withArtifactGroups(appliance: Appliance, artifacts: readonly Artifact[]): Appliance {
  const groups = chosen(appliance, artifacts);
  return {
    ...appliance,
    packages: [...appliance.packages, ...groups.flatMap(({ packages }) => packages)],
    directories: [...appliance.directories, ...groups.flatMap(({ directories }) => directories)],
    files: [...appliance.files, ...groups.flatMap(({ files }) => files)],
    checks: [...appliance.checks, ...groups.flatMap(({ checks }) => checks)],
  };
}

/** The artifacts, each with what its file must look like, and with what is known of its builds. */
export function expectedArtifacts(
  appliance: Appliance,
  manifest: ArtifactManifest,
): readonly ExpectedArtifact[] {
  const members = appliance.artifactGroups.flatMap((group) => group.members);
  return manifest.artifacts.map((artifact) => {
    const member = members.find(({ name }) => name === artifact.name);
    const builds = knownBuilds(manifest, artifact);
    return { ...artifact, ...(member && { content: member.content }), ...(builds && { builds }) };
  });
}

/**
 * One Problem for each member that is missing from a group of which another is there, and for each that goes to the
 * wrong place.
 * @param path of the manifest, for messages
 */
export function groupFaults(path: string, appliance: Appliance, artifacts: readonly Artifact[]): Problem[] {
  return chosen(appliance, artifacts).flatMap((group) =>
    group.members.flatMap((member) => {
      const artifact = artifacts.find(({ name }) => name === member.name);
      if (!artifact) {
        return new Problem({
          what: "incomplete group of artifacts",
          object: `${group.title}: ${member.name}`,
          because: `${path} names ${named(group, artifacts)}, and the group is of use only as a whole: ${group.why}`,
          next: `add ${member.name} (target ${member.target}) to ${path}, or take the others out`,
        });
      }
      if (artifact.target === member.target) return [];
      return new Problem({
        what: "an artifact in a wrong place",
        object: `${group.title}: ${member.name}`,
        because: `its target is ${artifact.target}; it is looked for at ${member.target}`,
        next: `edit ${path}`,
      });
    }),
  );
}

function chosen({ artifactGroups }: Appliance, artifacts: readonly Artifact[]): readonly ArtifactGroup[] {
  const names = new Set(artifacts.map(({ name }) => name));
  return artifactGroups.filter(({ members }) => members.some(({ name }) => names.has(name)));
}

function named({ members }: ArtifactGroup, artifacts: readonly Artifact[]): string {
  const names = new Set(artifacts.map(({ name }) => name));
  return members.flatMap(({ name }) => (names.has(name) ? [name] : [])).join(", ");
}
