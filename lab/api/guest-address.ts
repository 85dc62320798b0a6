/** Where the ways in to a guest lead. */
import { isWithin } from "../cloud/addresses.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { Instance, PublicAddress } from "../cloud/model.ts";

/** The guest's address in the network that the public address leads to. */
export function guestIpOf(
  cloud: Cloud,
  instance: Instance,
  address: PublicAddress,
  wanted: string | undefined,
): string {
  const nic = instance.nics.find(({ networkId }) => networkId === address.networkId);
  if (!nic) {
    throw invalidValue(
      `Unable to create port forwarding rule: instance ${instance.name} is not in the network of ${address.ipAddress}`,
    );
  }
  const { cidr } = cloud.store.need("networks", address.networkId);
  if (wanted !== undefined && !(isWithin(cidr, wanted) && wanted === nic.ipAddress)) {
    throw invalidValue(`vm ip ${wanted} is not an address of ${instance.name} in its network`);
  }
  return nic.ipAddress;
}
