import { mayAccess } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import type { Account, InstanceState } from "../../cloud/model.ts";
import { consolePath, socketPath } from "../../web/paths.ts";
import { command } from "../command.ts";
import { text, uuid, withoutEffect } from "../parameters.ts";

/** The server refuses these by name; in all others it looks for the host that the instance is on. */
const refused: readonly InstanceState[] = ["Stopped", "Error", "Destroyed"];
const onHost: readonly InstanceState[] = ["Running", "Stopping"];

export const createConsoleEndpoint = command({
  name: "createConsoleEndpoint",
  description: "Create a console endpoint to connect to a VM console",
  since: "4.18.0",
  params: {
    virtualmachineid: uuid("instances", "ID of the VM").required(),
    token: withoutEffect(text("(optional) extra security token, valid when the extra validation is enabled")),
  },
  response: { success: "boolean", details: "string", url: "string", websocket: "object" },
  run({ values, caller }, cloud) {
    const fault = faultOf(cloud, values.virtualmachineid, caller.account);
    // Whatever is wrong is told inside of a good answer, as on the server.
    if (fault !== undefined) return { consoleendpoint: { success: false, details: fault, websocket: {} } };
    const token = cloud.consoles.create(values.virtualmachineid);
    const { origin, hostname, port } = new URL(cloud.endpoint);
    return {
      consoleendpoint: {
        success: true,
        url: `${origin}${consolePath}?token=${token}`,
        websocket: { token, host: hostname, port, path: socketPath.slice(1) },
      },
    };
  },
});

function faultOf(cloud: Cloud, id: string, account: Account): string | undefined {
  const instance = cloud.store.get("instances", id);
  if (!instance) return `Cannot find VM with ID ${cloud.store.get("tombstones", id)?.number ?? id}`;
  if (!mayAccess(cloud, account, instance.accountId)) return "Permission denied";
  const nothing = "sending blank response for console access request";
  if (refused.includes(instance.state)) {
    return `Server Internal Error: VM ${id} must be running to connect console, ${nothing}`;
  }
  if (!onHost.includes(instance.state)) return `Server Internal Error: VM ${id} lost host info, ${nothing}`;
  return undefined;
}
