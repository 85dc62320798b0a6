import { refuseRunning } from "../../cloud/instance-changes.ts";
import { command } from "../command.ts";
import { details, flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { instanceText, instanceView } from "../views/instance.ts";

export const changeServiceForVirtualMachine = command({
  name: "changeServiceForVirtualMachine",
  description:
    'Changes the service offering for an Instance. The Instance must be in a "Stopped" state for this command to take effect.',
  event: { type: "VM.UPGRADE", doing: "upgrading Vm. Vm Id:" },
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
  run({ values }, cloud) {
    const instance = rowOf(cloud, "instances", values.id);
    const offering = rowOf(cloud, "serviceOfferings", values.serviceofferingid);
    refuseRunning(cloud, instance, instanceText);
    const changed = cloud.store.transaction(() =>
      cloud.changeInstance(instance.id, { serviceOfferingId: offering.id }),
    );
    return { virtualmachine: instanceView(cloud, changed) };
  },
});
