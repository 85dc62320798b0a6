import { invalidValue } from "../../cloud/failure.ts";
import { restartPlan } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { flag, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const restartNetwork = asyncCommand({
  name: "restartNetwork",
  description:
    "Restarts the network; includes 1) restarting network elements - virtual routers, DHCP servers 2) reapplying all public IPs 3) reapplying all rules",
  event: { type: "NETWORK.RESTART", doing: "Restarting network. Network Id:" },
  commandClass: "user.network.RestartNetworkCmd",
  params: {
    id: uuid("networks", "the network").required(),
    cleanup: withoutEffect(flag("a new router")),
    makeredundant: withoutEffect(flag("two routers")),
    livepatch: withoutEffect(flag("patches the router in place")),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const network = rowOf(cloud, "networks", values.id);
    if (network.state === "Allocated") {
      throw invalidValue(
        "Network is not in the right state to be restarted. Correct states are: Implemented, Setup",
      );
    }
    return restartPlan(cloud, network.id);
  },
  resume: (job, cloud) => restartPlan(cloud, job.instanceId ?? ""),
});
