import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import type { Account, Network } from "../../cloud/model.ts";
import { addAddress, isIsolated } from "../../cloud/networks.ts";
import { addressPlan } from "../../cloud/public-addresses.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { publicAddressView } from "../views/public-address.ts";

export const associateIpAddress = asyncCommand({
  name: "associateIpAddress",
  description: "Acquires and associates a public IP to an account.",
  event: { type: "NET.IPASSIGN", doing: "associating Ip. Ip Id:" },
  commandClass: "user.address.AssociateIPAddrCmd",
  creates: true,
  params: {
    zoneid: withoutEffect(uuid("zones", "the zone")),
    networkid: uuid("networks", "the network that it leads to"),
    ipaddress: text("this one and no other"),
    fordisplay: withoutEffect(flag("shown to the user")),
    isportable: withoutEffect(flag("can move between zones")),
    vpcid: unsupported("VPCs"),
    regionid: unsupported("regions"),
    ...ownerParams,
  },
  response: { id: "string", ipaddress: "string", state: "string" },
  submit({ values, account }, cloud) {
    refuseBeyondLimit(cloud, account, "public_ip");
    const network = networkOf(cloud, account, values.networkid);
    const { id } = addAddress(cloud, network, false, values.ipaddress || undefined);
    return addressPlan(cloud, id, publicAddressView);
  },
  resume: (job, cloud) => addressPlan(cloud, job.instanceId ?? "", publicAddressView),
});

/** Left out, the caller's only isolated network is meant. */
function networkOf(cloud: Cloud, account: Account, id: string | undefined): Network {
  if (id !== undefined) {
    const network = rowOf(cloud, "networks", id);
    if (!isIsolated(cloud, network))
      throw invalidValue(`${network.name} gives no public addresses: it is not isolated`);
    return network;
  }
  const isolated = cloud.store.filter(
    "networks",
    (network) => network.accountId === account.id && isIsolated(cloud, network),
  );
  if (isolated.length > 1) {
    throw invalidValue("Account has more than one isolated network in the zone");
  }
  const [only] = isolated;
  if (!only)
    throw invalidValue(
      "Unable to figure out zone to assign ip to. Please specify either zoneId, or networkId, or vpcId in the call",
    );
  return only;
}
