import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue, runtimeFault } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteDomain = asyncCommand({
  name: "deleteDomain",
  description: "Deletes a specified domain",
  event: { type: "DOMAIN.DELETE", doing: "deleting Domain. Domain Id:" },
  commandClass: "admin.domain.DeleteDomainCmd",
  adminOnly: true,
  params: { id: uuid("domains", "the domain").required() },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const { id } = rowOf(cloud, "domains", values.id);
    if (id === cloud.rootDomain.id) throw invalidValue("The root domain cannot be deleted");
    return removal(cloud, id);
  },
  resume: (job, cloud) => removal(cloud, job.instanceId ?? ""),
});

function removal(cloud: Cloud, id: string): Plan {
  const { store } = cloud;
  return {
    instanceType: "Domain",
    instanceId: id,
    async work() {
      const accounts = store.filter("accounts", ({ domainId }) => domainId === id);
      const children = store.filter("domains", ({ parentId }) => parentId === id);
      if (accounts.length + children.length > 0) {
        throw runtimeFault(
          `Can't delete the domain yet because it has ${accounts.length} accounts, ${children.length} domains`,
        );
      }
      return () => {
        store.remove("domains", id);
        return { success: true };
      };
    },
  };
}
