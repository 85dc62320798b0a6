import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue, runtimeFault } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { resourceTypes } from "../../cloud/limits.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteAccount = asyncCommand({
  name: "deleteAccount",
  description: "Deletes a account, and all users associated with this account",
  event: { type: "ACCOUNT.DELETE", doing: "deleting Account. Account Id:" },
  commandClass: "admin.account.DeleteAccountCmd",
  adminOnly: true,
  params: { id: uuid("accounts", "the account").required() },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const account = rowOf(cloud, "accounts", values.id);
    if (account.id === cloud.admin.id || account.id === cloud.system.id) {
      throw invalidValue(`The account ${account.name} cannot be deleted`);
    }
    return removal(cloud, account.id);
  },
  resume: (job, cloud) => removal(cloud, job.instanceId ?? ""),
});

/** The real server sweeps what the account owns; the lab would rather have it removed first. */
function removal(cloud: Cloud, id: string): Plan {
  const { store } = cloud;
  return {
    instanceType: "Account",
    instanceId: id,
    async work() {
      const owned = resourceTypes.filter((type) => type.name !== "cpu" && type.count(cloud, id) > 0);
      if (owned.length > 0) {
        const names = owned.map(({ name }) => name).join(", ");
        throw runtimeFault(`Unable to delete account ${id}: it has ${names}`);
      }
      return () => {
        for (const table of ["jobs", "events"] as const) {
          for (const row of store.filter(table, ({ accountId }) => accountId === id))
            store.forget(table, row.id);
        }
        for (const user of store.filter("users", ({ accountId }) => accountId === id)) {
          store.remove("users", user.id);
        }
        store.remove("accounts", id);
        return { success: true };
      };
    },
  };
}
