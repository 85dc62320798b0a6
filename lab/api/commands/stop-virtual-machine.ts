import { stopPlan } from "../../cloud/power.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceText, instanceView } from "../views/instance.ts";

export const stopVirtualMachine = asyncCommand({
  name: "stopVirtualMachine",
  description: "Stops an Instance.",
  event: { type: "VM.STOP", doing: "stopping Vm. Vm Id:" },
  commandClass: "admin.vm.StopVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    forced: flag("pulls the plug"),
  },
  response: { id: "string", state: "string" },
  submit({ values }, cloud) {
    const { id } = rowOf(cloud, "instances", values.id);
    return stopPlan(cloud, id, values.forced === true, instanceView, instanceText);
  },
  resume: (job, cloud) =>
    stopPlan(cloud, job.instanceId ?? "", job.options?.forced === "true", instanceView, instanceText),
});
