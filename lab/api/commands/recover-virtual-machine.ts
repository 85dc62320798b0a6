import { isRoot } from "../../cloud/accounts.ts";
import { invalidValue, permissionDenied } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { instanceView } from "../views/instance.ts";

/** Left to the administrator (allow.user.expunge.recover.vm), as expunging is. */
export const recoverVirtualMachine = command({
  name: "recoverVirtualMachine",
  description: "Recovers an Instance.",
  params: { id: uuid("instances", "the instance").required() },
  response: { id: "string", state: "string" },
  run({ values, caller }, cloud) {
    const { id, state, accountId, serviceOfferingId } = rowOf(cloud, "instances", values.id);
    if (!isRoot(caller.account)) {
      throw permissionDenied(
        "Recovering a vm can only be done by an Admin. Or when the allow.user.expunge.recover.vm key is set.",
      );
    }
    if (state !== "Destroyed") throw invalidValue(`Vm with id ${id} is not in the right state`);
    const owner = cloud.store.need("accounts", accountId);
    const { cpu, memoryMiB } = cloud.store.need("serviceOfferings", serviceOfferingId);
    refuseBeyondLimit(cloud, owner, "user_vm");
    refuseBeyondLimit(cloud, owner, "cpu", cpu);
    refuseBeyondLimit(cloud, owner, "memory", memoryMiB);
    const instance = cloud.store.transaction(() => cloud.moveInstance(id, "recover"));
    return { virtualmachine: instanceView(cloud, instance) };
  },
});
