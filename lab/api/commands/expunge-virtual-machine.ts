import { expungePlan } from "../../cloud/destroy.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const expungeVirtualMachine = asyncCommand({
  name: "expungeVirtualMachine",
  description: "Expunge an Instance. Once expunged, it cannot be recoverd.",
  event: { type: "VM.EXPUNGE", doing: "Expunging vm. Vm Id:" },
  commandClass: "admin.vm.ExpungeVMCmd",
  params: { id: uuid("instances", "the instance").required() },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => expungePlan(cloud, rowOf(cloud, "instances", values.id).id),
  resume: (job, cloud) => expungePlan(cloud, job.instanceId ?? ""),
});
