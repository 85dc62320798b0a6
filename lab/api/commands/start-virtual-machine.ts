import { startPlan } from "../../cloud/power.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceView } from "../views/instance.ts";

export const startVirtualMachine = asyncCommand({
  name: "startVirtualMachine",
  description: "Starts an Instance.",
  event: { type: "VM.START", doing: "starting Vm. Vm Id:" },
  commandClass: "admin.vm.StartVMCmdByAdmin",
  params: { id: uuid("instances", "the instance").required() },
  response: { id: "string", state: "string" },
  submit: ({ values }, cloud) => startPlan(cloud, rowOf(cloud, "instances", values.id).id, instanceView),
  resume: (job, cloud) => startPlan(cloud, job.instanceId ?? "", instanceView),
});
