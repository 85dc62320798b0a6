/** Names of instances are host names. */

import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { Network } from "../cloud/model.ts";
import { invalid, type Parameter, text } from "./parameters.ts";

const rule =
  "it can contain ASCII letters 'a' through 'z', the digits '0' through '9', and the hyphen ('-'), must be between 1 and 63 characters long, and can't start or end with \"-\" and can't start with digit";

export function hostName(description: string): Parameter<string, false> {
  return text(description, {
    check(value, place) {
      if (/^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(value)) return;
      throw invalid(place, `Invalid value provided for API arg: ${place.parameter} - ${rule}`);
    },
  });
}

/** A name is given once in a network's domain; destroyed instances hold theirs until they are expunged. */
export function refuseTakenName(
  cloud: Cloud,
  name: string,
  networks: readonly Network[],
  except?: string,
): void {
  for (const network of networks) {
    const taken = cloud.store.find(
      "instances",
      (row) =>
        row.id !== except &&
        row.name.toLowerCase() === name.toLowerCase() &&
        row.nics.some(
          (nic) =>
            cloud.store.need("networks", nic.networkId).domain.toLowerCase() === network.domain.toLowerCase(),
        ),
    );
    if (taken) {
      throw invalidValue(
        `The vm with hostName ${name} already exists in the network domain: ${network.domain}; network=${network.name}`,
      );
    }
  }
}
