/** The manifest of a package that may be built from: its programs in the shape of the appliance's own manifest. */
import { join, relative } from "node:path";
import { stringify } from "yaml";
import type { Artifact, ArtifactManifest } from "../../common/artifact-manifest.ts";
import type { Binary } from "./binaries.ts";
import type { Examination } from "./examine.ts";

/**
 * @param root the project's folder, from which sources count
 * @param versions given by hand: artifact -> version
 */
export function manifestOf(
  root: string,
  { folder, binaries, manifest }: Examination,
  versions: ReadonlyMap<string, string>,
): ArtifactManifest {
  const artifacts = manifest.artifacts.map((wanted): Artifact => {
    const binary = binaries.find(({ name }) => name === wanted.name);
    if (!binary) throw new Error(`${wanted.name} was not read`);
    return {
      ...wanted,
      version: versions.get(wanted.name) ?? versionOf(binary),
      sha256: binary.sha256,
      source: relative(root, join(folder, binary.path)),
    };
  });
  return { artifacts, knownBad: manifest.knownBad, knownGood: manifest.knownGood };
}

/** Where a program does not say which version it is, its digest does. */
function versionOf({ versions, sha256 }: Binary): string {
  return versions.length === 1 ? (versions[0] ?? "") : `sha256-${sha256.slice(0, 12)}`;
}

/** What was accepted stands at its head, for whoever builds from it. */
export function manifestText(
  manifest: ArtifactManifest,
  folder: string,
  accepted: ReadonlyMap<string, string>,
): string {
  const head = [
    `Written by npm run package from ${folder}; sources count from the project's folder.`,
    ...[...accepted].map(([rule, reason]) => `Accepted: ${rule}, because ${reason}`),
  ];
  return `${head.map((line) => `# ${line}\n`).join("")}${stringify(manifest, { lineWidth: 0 })}`;
}
