import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MachineAccess } from "./machine-access.ts";

/** Folder on the build machine that receives everything; the seal removes it. */
export const payloadFolder = "/var/tmp/appliance";

export interface StepArgs {
  machine: MachineAccess;
  /** Script in the project: "assets/common/steps/install-packages.sh". */
  script: string;
  /** "name=value" lines; they go over standard input, so a secret may be among them. */
  parameters?: pulumi.Input<string[]>;
}

/** One script of the project, run once as root on one machine: a resource of its own, so that the update tells the story. */
export function step(name: string, args: StepArgs, opts: pulumi.CustomResourceOptions): remote.Command {
  return new remote.Command(
    name,
    {
      connection: args.machine.connection,
      create: `sudo bash ${payloadFolder}/${args.script}`,
      stdin: pulumi.output(args.parameters ?? []).apply((lines) => lines.map((line) => `${line}\n`).join("")),
      addPreviousOutputInEnv: false,
      triggers: [args.machine.instanceId],
    },
    opts,
  );
}
