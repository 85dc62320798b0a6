import { destroyPlan } from "../../cloud/destroy.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { expungedView, instanceText, instanceView } from "../views/instance.ts";

export const destroyVirtualMachine = asyncCommand({
  name: "destroyVirtualMachine",
  description: "Destroys an Instance. Once destroyed, only the administrator can recover it.",
  event: { type: "VM.DESTROY", doing: "destroying vm. Vm Id:" },
  commandClass: "admin.vm.DestroyVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    expunge: flag("nothing of it stays"),
    volumeids: unsupported("data disks"),
  },
  response: { id: "string", state: "string" },
  submit({ values }, cloud) {
    const { id } = rowOf(cloud, "instances", values.id);
    return destroyPlan(cloud, id, values.expunge === true, instanceView, expungedView, instanceText);
  },
  resume(job, cloud) {
    const id = job.instanceId ?? "";
    const expunge = job.options?.expunge === "true";
    return destroyPlan(cloud, id, expunge, instanceView, expungedView, instanceText);
  },
});
