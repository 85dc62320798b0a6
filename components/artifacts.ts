import * as pulumi from "@pulumi/pulumi";
import type { ExpectedArtifact } from "../common/artifact-manifest.ts";
import { stepsFolder } from "../inputs/sources.ts";
import { chain } from "./chain.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface ArtifactsArgs {
  machine: MachineAccess;
  artifacts: readonly ExpectedArtifact[];
  /** Registry for the packages of a Node.js application; by default npm's own. */
  npmRegistry: string | undefined;
}

/** Puts each artifact of the manifest in its place, after its digest was checked on the machine itself. */
export class Artifacts extends pulumi.ComponentResource {
  constructor(name: string, args: ArtifactsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Artifacts", name, {}, opts);
    chain(
      this,
      name,
      args.machine,
      args.artifacts.map((artifact) => artifactLink(artifact, args.npmRegistry)),
    );
    this.registerOutputs();
  }
}

export function artifactLink(artifact: ExpectedArtifact, npmRegistry: string | undefined) {
  return {
    name: artifact.name,
    script: `${stepsFolder}/install-artifact.sh`,
    parameters: artifactLines(artifact, npmRegistry),
  };
}

function artifactLines(artifact: ExpectedArtifact, npmRegistry: string | undefined): string[] {
  const { name, version, sha256, target, owner, mode, kind, strip, source, content, builds } = artifact;
  return [
    `name=${name}`,
    `version=${version}`,
    `sha256=${sha256}`,
    `source=${source.includes("://") ? source : `artifacts/${name}`}`,
    `target=${target}`,
    `owner=${owner}`,
    `mode=${mode}`,
    `kind=${kind}`,
    `strip=${strip}`,
    ...(content
      ? [
          `at_least=${content.atLeastBytes}`,
          `signature=${content.signature.offset}|${content.signature.text}`,
        ]
      : []),
    ...(builds?.bad ?? []).map(({ md5, reason }) => `refused_md5=${md5}|${reason}`),
    ...(builds?.good ? [`md5=${builds.good}`] : []),
    ...(npmRegistry ? [`registry=${npmRegistry}`] : []),
  ];
}
