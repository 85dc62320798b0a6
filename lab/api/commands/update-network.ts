import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { enforce } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { networkDomain } from "../network-domain.ts";
import { flag, integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { networkView } from "../views/network.ts";

export const updateNetwork = asyncCommand({
  name: "updateNetwork",
  description: "Updates a network",
  event: { type: "NETWORK.UPDATE", doing: "Updating network. Network Id:" },
  commandClass: "user.network.UpdateNetworkCmd",
  params: {
    id: uuid("networks", "the network").required(),
    name: text("its name"),
    displaytext: text("name for people"),
    networkdomain: networkDomain(),
    displaynetwork: withoutEffect(flag("shown to the user")),
    networkofferingid: uuid("networkOfferings", "another offering of the same type"),
    guestvmcidr: unsupported("a part of its addresses for guests"),
    changecidr: withoutEffect(flag("with networkofferingid")),
    updateinsequence: withoutEffect(flag("one router after the other; the lab has one")),
    forced: withoutEffect(flag("with networkofferingid")),
    publicmtu: withoutEffect(integer("MTU of the public side")),
    privatemtu: withoutEffect(integer("MTU of the guests' side")),
    dns1: unsupported("other name servers than the router"),
    dns2: unsupported("other name servers than the router"),
    ip6dns1: unsupported("IPv6"),
    ip6dns2: unsupported("IPv6"),
    sourcenatipaddress: unsupported("a chosen source NAT address"),
    customid: unsupported("another id"),
  },
  response: { id: "string", name: "string", displaytext: "string" },
  submit({ values }, cloud): Plan {
    const { store } = cloud;
    const { id, networkOfferingId } = rowOf(cloud, "networks", values.id);
    const { guestIpType } = rowOf(cloud, "networkOfferings", networkOfferingId);
    const offering =
      values.networkofferingid === undefined
        ? undefined
        : rowOf(cloud, "networkOfferings", values.networkofferingid);
    if (offering && offering.guestIpType !== guestIpType) {
      throw invalidValue("Can't upgrade from network offering of another guest type");
    }
    return {
      queue: id,
      instanceType: "Network",
      instanceId: id,
      async work() {
        store.transaction(() => {
          const old = store.need("networks", id);
          store.put("networks", {
            ...old,
            ...(values.name && { name: values.name }),
            ...(values.displaytext && { displayText: values.displaytext }),
            ...(values.networkdomain && { domain: values.networkdomain }),
            ...(offering && { networkOfferingId: offering.id, egress: offering.egressDefault }),
          });
        });
        await enforce(cloud, id);
        return () => ({ network: networkView(cloud, store.need("networks", id)) });
      },
    };
  },
});
