import { startPlan } from "../../cloud/power.ts";
import { refuseOtherHost } from "../chosen-host.ts";
import { asyncCommand } from "../command.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupportedFlag } from "../unsupported.ts";
import { instanceView } from "../views/instance.ts";

export const startVirtualMachine = asyncCommand({
  name: "startVirtualMachine",
  description: "Starts an Instance.",
  event: { type: "VM.START", doing: "starting Vm. Vm Id:" },
  commandClass: "admin.vm.StartVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    hostid: text("its host, which is the one that the lab has"),
    clusterid: text("its cluster"),
    podid: text("its pod"),
    bootintosetup: unsupportedFlag("the firmware's setup"),
    considerlasthost: withoutEffect(flag("where it ran last; the lab has one host")),
    deploymentplanner: withoutEffect(text("how the host is found; the lab has one")),
  },
  response: { id: "string", state: "string" },
  submit({ values, caller, command }, cloud) {
    const { id } = rowOf(cloud, "instances", values.id);
    refuseOtherHost(cloud, caller.account, command, values);
    return startPlan(cloud, id, instanceView);
  },
  resume: (job, cloud) => startPlan(cloud, job.instanceId ?? "", instanceView),
});
