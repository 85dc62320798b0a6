/** Where an instance shall run, for the root administrator: the lab has one host, and anywhere else there is none. */
import { isRoot } from "../cloud/accounts.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { parameterFault, permissionDenied } from "../cloud/failure.ts";
import { fixedId } from "../cloud/fixed-ids.ts";
import type { Account } from "../cloud/model.ts";

interface Wanted {
  readonly hostid?: string | undefined;
  readonly clusterid?: string | undefined;
  readonly podid?: string | undefined;
}

export function refuseOtherHost(cloud: Cloud, caller: Account, command: string, wanted: Wanted): void {
  for (const thing of ["host", "cluster", "pod"] as const) {
    const parameter = `${thing}id` as const;
    const id = wanted[parameter];
    if (!id) continue;
    if (!isRoot(caller)) {
      throw permissionDenied(
        `Parameter ${parameter} can only be specified by a Root Admin, permission denied`,
      );
    }
    if (id === fixedId(cloud, thing)) continue;
    throw parameterFault(
      `Unable to execute API command ${command} due to invalid value. Invalid parameter ${parameter} value=${id} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
    );
  }
}
