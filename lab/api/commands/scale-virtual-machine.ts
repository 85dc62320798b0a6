import { scalePlan } from "../../cloud/instance-changes.ts";
import { asyncCommand } from "../command.ts";
import { details, flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { instanceText, instanceView } from "../views/instance.ts";

export const scaleVirtualMachine = asyncCommand({
  name: "scaleVirtualMachine",
  description:
    "Scales the Instance to a new service offering. This command also considers the volume size in the service offering or disk offering linked to the new service offering and apply all characteristics to the root volume.",
  event: { type: "VM.UPGRADE", doing: "upgrading Vm. Vm Id:" },
  commandClass: "admin.vm.ScaleVMCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    serviceofferingid: uuid("serviceOfferings", "its offering from now on").required(),
    details: withoutEffect(details("values of a custom offering; the lab has none")),
    automigrate: withoutEffect(flag("to another storage pool where needed")),
    shrinkok: withoutEffect(flag("a smaller root disk")),
    miniops: unsupported("storage rates"),
    maxiops: unsupported("storage rates"),
  },
  response: { id: "string", serviceofferingid: "string", state: "string" },
  submit({ values }, cloud) {
    const { id } = rowOf(cloud, "instances", values.id);
    const offering = rowOf(cloud, "serviceOfferings", values.serviceofferingid);
    return scalePlan(cloud, id, offering.id, instanceView, instanceText);
  },
  resume: (job, cloud) =>
    scalePlan(cloud, job.instanceId ?? "", job.options?.serviceOfferingId ?? "", instanceView, instanceText),
});
