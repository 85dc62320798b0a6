import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, hasNone, is, isOneOf } from "../filters.ts";
import { everybodysParams } from "../owners.ts";
import { flag, integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";

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
    virtualmachineid: uuid("instances", "those that this instance can change to"),
    templateid: withoutEffect(uuid("templates", "that fit this template")),
    encryptroot: flag("with encrypted root disks"),
    gpuenabled: flag("with GPUs"),
    storagetype: text("shared or local"),
    systemvmtype: text("for system machines of this kind"),
    vgpuprofileid: unsupported("GPUs"),
    ...everybodysParams,
  },
  response: { id: "string", name: "string", cpunumber: "integer", memory: "integer" },
  run(call, cloud) {
    const { id, name, issystem, cpunumber, memory, cpuspeed, state, keyword, ...asked } = call.values;
    const instance =
      asked.virtualmachineid === undefined ? undefined : rowOf(cloud, "instances", asked.virtualmachineid);
    const rows = cloud.store.filter(
      "serviceOfferings",
      (offering) =>
        isOneOf(offering.id, id) &&
        equals(name, offering.name) &&
        !issystem &&
        equalsIgnoringCase(state, "Active") &&
        offering.id !== instance?.serviceOfferingId &&
        is(asked.encryptroot, false) &&
        hasNone(asked.gpuenabled) &&
        equalsIgnoringCase(asked.storagetype, "shared") &&
        equals(asked.systemvmtype, "-") &&
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
