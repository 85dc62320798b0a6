import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Artifact } from "../common/artifact-manifest.ts";
import type { Sources } from "../inputs/sources.ts";
import type { MachineAccess } from "./machine-access.ts";
import { payloadFolder } from "./step.ts";

export interface PayloadArgs {
  machine: MachineAccess;
  sources: Sources;
  artifacts: readonly Artifact[];
}

/** Copies scripts, units, files and artifacts to the build machine; nothing is put in its place yet. */
export class Payload extends pulumi.ComponentResource {
  constructor(name: string, args: PayloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Payload", name, {}, opts);
    const { connection, instanceId } = args.machine;
    const triggers = [instanceId];
    const parents = [...new Set(args.sources.folders.map(parentOf)), "artifacts"];
    const folders = new remote.Command(
      `${name}-folders`,
      {
        connection,
        create: `mkdir -p ${parents.map((folder) => `${payloadFolder}/${folder}`).join(" ")}`,
        addPreviousOutputInEnv: false,
        triggers,
      },
      { parent: this },
    );
    const copy = (copyName: string, source: pulumi.asset.Asset | pulumi.asset.Archive, remotePath: string) =>
      new remote.CopyToRemote(
        `${name}-${copyName}`,
        { connection, source, remotePath: `${payloadFolder}/${remotePath}`, triggers },
        { parent: this, dependsOn: [folders] },
      );
    for (const folder of args.sources.folders) {
      copy(folder.replaceAll("/", "-"), new pulumi.asset.FileArchive(folder), parentOf(folder));
    }
    for (const artifact of args.artifacts) {
      if (!artifact.source.includes("://")) {
        copy(artifact.name, new pulumi.asset.FileAsset(artifact.source), `artifacts/${artifact.name}`);
      }
    }
    this.registerOutputs();
  }
}

/** A folder is copied into its existing parent, so that copying again merges instead of nesting. */
function parentOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf("/"));
}
