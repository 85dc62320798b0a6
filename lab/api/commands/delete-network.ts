import { deleteNetworkPlan } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteNetwork = asyncCommand({
  name: "deleteNetwork",
  description: "Deletes a network",
  event: { type: "NETWORK.DELETE", doing: "Deleting network. Network Id:" },
  commandClass: "user.network.DeleteNetworkCmd",
  params: {
    id: uuid("networks", "the network").required(),
    forced: withoutEffect(flag("even when its router does not go")),
  },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => deleteNetworkPlan(cloud, rowOf(cloud, "networks", values.id).id),
  resume: (job, cloud) => deleteNetworkPlan(cloud, job.instanceId ?? ""),
});
