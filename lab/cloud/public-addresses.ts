/** Public addresses that clients ask for: given with a job, and given back with all rules on them. */
import type { Cloud } from "./cloud.ts";
import type { Plan } from "./jobs.ts";
import type { PublicAddress } from "./model.ts";
import { enforce, removeAddress } from "./networks.ts";

export function addressPlan(
  cloud: Cloud,
  id: string,
  show: (cloud: Cloud, address: PublicAddress) => Record<string, unknown>,
): Plan {
  return {
    instanceType: "IpAddress",
    instanceId: id,
    async work() {
      await enforce(cloud, cloud.store.need("publicAddresses", id).networkId);
      return () => ({ ipaddress: show(cloud, cloud.store.need("publicAddresses", id)) });
    },
    failed: () => removeAddress(cloud, id),
  };
}

export function releasePlan(cloud: Cloud, id: string): Plan {
  const networkId = cloud.store.get("publicAddresses", id)?.networkId;
  return {
    instanceType: "IpAddress",
    instanceId: id,
    async work() {
      cloud.store.transaction(() => removeAddress(cloud, id));
      if (networkId !== undefined) await enforce(cloud, networkId);
      return () => ({ success: true });
    },
  };
}
