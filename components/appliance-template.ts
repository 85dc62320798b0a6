import * as cloudstack from "@pulumi/cloudstack";
import * as pulumi from "@pulumi/pulumi";
import type { TemplateSearch } from "../config.ts";
import type { Fingerprint } from "../inputs/fingerprint.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface ApplianceTemplateArgs {
  machine: MachineAccess;
  name: string;
  displayText: string;
  osTypeId: string;
  fingerprint: Fingerprint;
  /** What must not be on the template's disk, by names for messages. */
  forbiddenTexts: Readonly<Record<string, pulumi.Input<string>>>;
  search: TemplateSearch;
  tags: Record<string, string>;
}

/** The sealed machine, stopped and captured. */
export class ApplianceTemplate extends pulumi.ComponentResource {
  readonly template: cloudstack.Template;

  constructor(name: string, args: ApplianceTemplateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:ApplianceTemplate", name, {}, opts);
    this.template = new cloudstack.Template(
      `${name}-capture`,
      {
        instanceId: args.machine.instanceId,
        name: args.name,
        displayText: args.displayText,
        osTypeId: args.osTypeId,
        tags: args.tags,
        triggers: args.fingerprint,
        ...(args.search !== "off" && {
          forbiddenTexts: args.forbiddenTexts,
          searchRequired: args.search === "required",
        }),
      },
      { parent: this, customTimeouts: { create: "3h" } },
    );
    this.registerOutputs({ template: this.template.id });
  }
}
