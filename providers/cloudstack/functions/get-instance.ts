import { Problem } from "../../../common/problem.ts";
import * as answers from "../client/answers.ts";
import { isFault } from "../client/faults.ts";
import { isAlive, rootVolumeOf } from "../resources/instance-api.ts";
import { type LookUp, looking, lookUpSchema, nothing, theOne } from "./look-up.ts";

interface Args {
  id?: string;
  name?: string;
  zoneId?: string;
}
interface Result {
  id: string;
  name: string;
  state: string;
  zoneId: string;
  templateId: string;
  serviceOfferingId: string;
  ipAddress: string;
  publicIpAddress: string;
  rootVolumeId: string;
}

export const getInstance: LookUp<Args, Result> = {
  token: "cloudstack:index:getInstance",
  schema: lookUpSchema({
    description: "An instance by its id or its name (`listVirtualMachines`, `listVolumes`).",
    inputs: { id: { type: "string" }, name: { type: "string" }, zoneId: { type: "string" } },
    required: [],
    outputs: {
      id: { type: "string" },
      name: { type: "string" },
      state: { type: "string", description: "CloudStack's state, such as `Running`." },
      zoneId: { type: "string" },
      templateId: { type: "string" },
      serviceOfferingId: { type: "string" },
      ipAddress: { type: "string", description: "In the default network." },
      publicIpAddress: { type: "string", description: "By static NAT; empty where there is none." },
      rootVolumeId: { type: "string" },
    },
  }),
  invoke: ({ id, name, zoneId }, context) =>
    looking(context, "instance", name ?? id ?? "", async () => {
      if (id === undefined && name === undefined) throw nothingSaid();
      const { client, signal } = context;
      const parameters = {
        ...(id !== undefined && { id }),
        ...(zoneId !== undefined && { zoneid: zoneId }),
      };
      const rows = await client
        .list("listVirtualMachines", answers.instance, parameters, signal)
        .catch((error: unknown) => {
          // An id that the server never had is an invalid parameter to it.
          if (id !== undefined && isFault(error, "invalid")) return [];
          throw error;
        });
      // An administrator's list has those that were destroyed, for as long as they can be recovered.
      const alive = rows.filter(isAlive);
      const [first] = alive;
      const found = name === undefined ? first : theOne("instance", name, alive, (row) => row.name);
      if (!found) throw nothing("instance", id ?? "", []);
      const nic = found.nic.find(({ isdefault }) => isdefault) ?? found.nic[0];
      return {
        id: found.id,
        name: found.name,
        state: found.state,
        zoneId: found.zoneid ?? "",
        templateId: found.templateid ?? "",
        serviceOfferingId: found.serviceofferingid ?? "",
        ipAddress: nic?.ipaddress ?? found.ipaddress ?? "",
        publicIpAddress: found.publicip ?? "",
        rootVolumeId: (await rootVolumeOf(client, found.id)).id,
      };
    }),
};

function nothingSaid(): Problem {
  return new Problem({
    what: "cannot look up the instance",
    object: "getInstance",
    because: "nothing is said of which one",
    next: "give its id or its name",
  });
}
