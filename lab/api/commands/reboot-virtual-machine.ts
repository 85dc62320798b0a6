import { rebootPlan } from "../../cloud/power.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupportedFlag } from "../unsupported.ts";
import { instanceView } from "../views/instance.ts";

export const rebootVirtualMachine = asyncCommand({
  name: "rebootVirtualMachine",
  description: "Reboots an Instance.",
  event: { type: "VM.REBOOT", doing: "rebooting Vm. Vm Id:" },
  commandClass: "admin.vm.RebootVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    forced: flag("pulls the plug"),
    bootintosetup: unsupportedFlag("the firmware's setup"),
  },
  response: { id: "string", state: "string" },
  submit({ values }, cloud) {
    return rebootPlan(cloud, rowOf(cloud, "instances", values.id).id, values.forced === true, instanceView);
  },
  resume: (job, cloud) =>
    rebootPlan(cloud, job.instanceId ?? "", job.options?.forced === "true", instanceView),
});
