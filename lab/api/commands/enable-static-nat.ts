import { invalidValue } from "../../cloud/failure.ts";
import { enforce } from "../../cloud/networks.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { guestIpOf } from "../guest-address.ts";
import { text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const enableStaticNat = command({
  name: "enableStaticNat",
  description: "Enables static NAT for given IP address",
  event: { type: "STATICNAT.ENABLE", doing: "enabling static nat" },
  params: {
    ipaddressid: uuid("publicAddresses", "the public address").required(),
    virtualmachineid: uuid("instances", "the guest").required(),
    networkid: withoutEffect(uuid("networks", "the guest's network")),
    vmguestip: text("the guest's address"),
  },
  response: { success: "boolean" },
  async run({ values }, cloud) {
    const { store } = cloud;
    const address = rowOf(cloud, "publicAddresses", values.ipaddressid);
    const instance = rowOf(cloud, "instances", values.virtualmachineid);
    if (address.sourceNat) throw invalidValue("Can't enable static, ip address is a sourceNat ip address");
    if (store.find("portForwardingRules", ({ addressId }) => addressId === address.id)) {
      throw invalidValue(
        `Failed to enable static nat for the ip address ${address.ipAddress} as it already has PortForwarding rules assigned`,
      );
    }
    if (address.staticNat && address.staticNat.instanceId !== instance.id) {
      throw invalidValue(
        `Failed to enable static nat for the ip address ${address.ipAddress} as it is already assigned to another vm`,
      );
    }
    const guestIp = guestIpOf(cloud, instance, address, values.vmguestip || undefined);
    store.transaction(() =>
      store.put("publicAddresses", { ...address, staticNat: { instanceId: instance.id, guestIp } }),
    );
    await enforce(cloud, address.networkId);
    return success();
  },
});
