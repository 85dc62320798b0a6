import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, is, isOneOf } from "../filters.ts";
import { everybodysParams } from "../owners.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";

export const listDiskOfferings = listCommand({
  name: "listDiskOfferings",
  description: "Lists all available disk offerings",
  params: {
    id: uuid("diskOfferings", "the offering"),
    name: text("exact name"),
    zoneid: withoutEffect(uuid("zones", "zone")),
    encrypt: flag("encrypted ones"),
    state: text("Active or Inactive"),
    storagetype: text("shared or local"),
    storageid: withoutEffect(text("that fit this store; the lab has one")),
    volumeid: withoutEffect(uuid("volumes", "that this volume can change to")),
    virtualmachineid: withoutEffect(uuid("instances", "that fit this instance")),
    ...everybodysParams,
  },
  response: { id: "string", name: "string", disksize: "long", iscustomized: "boolean" },
  run(call, cloud) {
    const { id, name, keyword, encrypt, state, storagetype } = call.values;
    const rows = cloud.store.filter(
      "diskOfferings",
      (offering) =>
        isOneOf(offering.id, id) &&
        equals(name, offering.name) &&
        is(encrypt, false) &&
        equalsIgnoringCase(state, "Active") &&
        equalsIgnoringCase(storagetype, "shared") &&
        hasKeyword(keyword, offering.name),
    );
    return listOf(call, "diskoffering", rows, (offering) => ({
      id: offering.id,
      name: offering.name,
      state: "Active",
      displaytext: offering.name,
      disksize: offering.sizeGiB,
      created: offering.created,
      iscustomized: offering.custom,
      storagetype: "shared",
      provisioningtype: "thin",
      displayoffering: true,
      disksizestrictness: false,
      encrypt: false,
      hasannotations: false,
    }));
  },
});
