import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { enforce } from "../../cloud/networks.ts";
import { asyncCommand } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const disableStaticNat = asyncCommand({
  name: "disableStaticNat",
  description: "Disables static rule for given IP address",
  event: { type: "STATICNAT.DISABLE", doing: "Disabling static nat. Ip Id:" },
  commandClass: "user.nat.DisableStaticNatCmd",
  params: { ipaddressid: uuid("publicAddresses", "the public address").required() },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const address = rowOf(cloud, "publicAddresses", values.ipaddressid);
    if (!address.staticNat) throw invalidValue(`Specified IP address id is not associated with any vm Id`);
    return disablePlan(cloud, address.id);
  },
  resume: (job, cloud) => disablePlan(cloud, job.instanceId ?? ""),
});

function disablePlan(cloud: Cloud, id: string): Plan {
  return {
    instanceType: "IpAddress",
    instanceId: id,
    async work() {
      const address = cloud.store.get("publicAddresses", id);
      if (address) {
        const { staticNat: _, ...without } = address;
        cloud.store.transaction(() => cloud.store.put("publicAddresses", without));
        await enforce(cloud, address.networkId);
      }
      return () => ({ success: true });
    },
  };
}
