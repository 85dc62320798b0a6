import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { text, uuid, withoutEffect } from "../parameters.ts";
import { networkOfferingView } from "../views/network.ts";

export const listNetworkOfferings = listCommand({
  name: "listNetworkOfferings",
  description: "Lists all available network offerings",
  params: {
    id: uuid("networkOfferings", "the offering"),
    name: text("exact name"),
    guestiptype: text("Isolated, Shared or L2"),
    state: text("Enabled or Disabled"),
    zoneid: withoutEffect(uuid("zones", "zone")),
  },
  response: { id: "string", name: "string", guestiptype: "string" },
  run(call, cloud) {
    const { id, name, guestiptype, state, keyword } = call.values;
    const rows = cloud.store.filter(
      "networkOfferings",
      (row) =>
        isOneOf(row.id, id) &&
        equals(name, row.name) &&
        equals(guestiptype, row.guestIpType) &&
        equals(state, "Enabled") &&
        hasKeyword(keyword, row.name),
    );
    return listOf(call, "networkoffering", rows, (row) => networkOfferingView(cloud, row));
  },
});
