import type { Cloud } from "../../cloud/cloud.ts";
import { runtimeFault } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { resourceTypes } from "../../cloud/limits.ts";
import { removeTagsOf } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteProject = asyncCommand({
  name: "deleteProject",
  description: "Deletes a project",
  event: { type: "PROJECT.DELETE", doing: "deleting project. Project Id:" },
  since: "3.0.0",
  commandClass: "user.project.DeleteProjectCmd",
  params: { id: uuid("projects", "the project").required() },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => removal(cloud, rowOf(cloud, "projects", values.id).id),
  resume: (job, cloud) => removal(cloud, job.instanceId ?? ""),
});

function removal(cloud: Cloud, id: string): Plan {
  const { store } = cloud;
  return {
    instanceType: "Project",
    instanceId: id,
    async work() {
      const { accountId, name } = store.need("projects", id);
      const owned = resourceTypes.filter((type) => type.count(cloud, accountId) > 0);
      if (owned.length > 0) {
        throw runtimeFault(
          `Can't delete the project ${name} yet because it has ${owned.map((type) => type.name).join(", ")}`,
        );
      }
      return () => {
        removeTagsOf(cloud, id);
        store.remove("projects", id);
        store.remove("accounts", accountId);
        return { success: true };
      };
    },
  };
}
