import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { visibilityParams } from "../owners.ts";
import { text, uuid, withoutEffect } from "../parameters.ts";

/** Clients look here for what is no template; the lab's machines have no CD drive. */
export const listIsos = listCommand({
  name: "listIsos",
  description: "Lists all available ISO files.",
  params: {
    id: withoutEffect(text("the ISO")),
    name: withoutEffect(text("exact name")),
    isofilter: withoutEffect(text("featured, self, executable, ...")),
    zoneid: withoutEffect(uuid("zones", "its zone")),
    ...visibilityParams,
  },
  response: { id: "string", name: "string" },
  run: (call) => listOf(call, "iso", [], (row) => row),
});
