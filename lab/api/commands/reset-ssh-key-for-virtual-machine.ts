import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { asyncCommand } from "../command.ts";
import { keyDetails } from "../key-details.ts";
import { ownerParams } from "../owners.ts";
import { list, text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceView } from "../views/instance.ts";

export const resetSSHKeyForVirtualMachine = asyncCommand({
  name: "resetSSHKeyForVirtualMachine",
  description: 'Resets the SSH Key for Instance. The Instance must be in a "Stopped" state.',
  event: { type: "VM.RESETSSHKEY", doing: "resetting Vm SSHKey. Vm Id:" },
  commandClass: "admin.vm.ResetVMSSHKeyCmdByAdmin",
  params: {
    id: uuid("instances", "the instance").required(),
    keypair: text("name of an SSH key pair"),
    keypairs: list("names of SSH key pairs"),
    ...ownerParams,
  },
  response: { id: "string", keypairs: "string" },
  submit({ values, account }, cloud): Plan {
    const instance = rowOf(cloud, "instances", values.id);
    if (instance.state !== "Stopped") {
      throw invalidValue(`Vm ${instance.name} should be stopped to do SSH Key reset`);
    }
    const names = [...(values.keypairs ?? []), ...(values.keypair ? [values.keypair] : [])];
    if (names.length === 0) throw invalidValue("At least one keypair must be provided");
    const keys = keyDetails(cloud, account, names);
    return {
      instanceType: "VirtualMachine",
      instanceId: instance.id,
      queue: instance.id,
      work: async () => () => {
        const { details } = cloud.store.need("instances", instance.id);
        const changed = cloud.changeInstance(instance.id, { details: { ...details, ...keys } });
        return { virtualmachine: instanceView(cloud, changed) };
      },
    };
  },
});
