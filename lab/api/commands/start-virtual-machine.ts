import { startPlan } from "../../cloud/power.ts";
import { asyncCommand } from "../command.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported, unsupportedFlag } from "../unsupported.ts";
import { instanceView } from "../views/instance.ts";

export const startVirtualMachine = asyncCommand({
  name: "startVirtualMachine",
  description: "Starts an Instance.",
  event: { type: "VM.START", doing: "starting Vm. Vm Id:" },
  commandClass: "admin.vm.StartVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    hostid: unsupported("a chosen host"),
    clusterid: unsupported("a chosen cluster"),
    podid: unsupported("a chosen pod"),
    bootintosetup: unsupportedFlag("the firmware's setup"),
    considerlasthost: withoutEffect(flag("where it ran last; the lab has one host")),
    deploymentplanner: withoutEffect(text("how the host is found; the lab has one")),
  },
  response: { id: "string", state: "string" },
  submit: ({ values }, cloud) => startPlan(cloud, rowOf(cloud, "instances", values.id).id, instanceView),
  resume: (job, cloud) => startPlan(cloud, job.instanceId ?? "", instanceView),
});
