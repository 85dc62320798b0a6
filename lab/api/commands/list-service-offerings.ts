import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, integer, text, uuid, withoutEffect } from "../parameters.ts";

export const listServiceOfferings = listCommand({
  name: "listServiceOfferings",
  description: "Lists all available service offerings",
  params: {
    id: uuid("serviceOfferings", "the offering"),
    name: text("exact name"),
    issystem: flag("system offerings"),
    zoneid: withoutEffect(uuid("zones", "zone")),
    cpunumber: integer("at least so many CPUs"),
    memory: integer("at least so many MiB"),
    cpuspeed: integer("at least so many MHz"),
    state: text("Active or Inactive"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", cpunumber: "integer", memory: "integer" },
  run(call, cloud) {
    const { id, name, issystem, cpunumber, memory, cpuspeed, state, keyword } = call.values;
    const rows = cloud.store.filter(
      "serviceOfferings",
      (offering) =>
        isOneOf(offering.id, id) &&
        equals(name, offering.name) &&
        !issystem &&
        equals(state, "Active") &&
        offering.cpu >= (cpunumber ?? 0) &&
        offering.memoryMiB >= (memory ?? 0) &&
        offering.cpuSpeed >= (cpuspeed ?? 0) &&
        hasKeyword(keyword, offering.name),
    );
    return listOf(call, "serviceoffering", rows, (offering) => ({
      id: offering.id,
      name: offering.name,
      state: "Active",
      displaytext: offering.name,
      cpunumber: offering.cpu,
      cpuspeed: offering.cpuSpeed,
      memory: offering.memoryMiB,
      created: offering.created,
      storagetype: "shared",
      provisioningtype: "thin",
      offerha: false,
      limitcpuuse: false,
      isvolatile: false,
      issystem: false,
      defaultuse: false,
      iscustomized: false,
      rootdisksize: 0,
      dynamicscalingenabled: false,
      diskofferingstrictness: false,
      diskofferingid: offering.diskOfferingId,
      diskofferingname: offering.name,
      diskofferingdisplaytext: offering.name,
      encryptroot: false,
      hasannotations: false,
    }));
  },
});
