import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { text, uuid } from "../parameters.ts";

export const listOsCategories = listCommand({
  name: "listOsCategories",
  description: "Lists all supported OS categories for this cloud",
  params: { id: uuid("osCategories", "the category"), name: text("exact name") },
  response: { id: "string", name: "string" },
  run(call, cloud) {
    const { id, name, keyword } = call.values;
    const rows = cloud.store.filter(
      "osCategories",
      (row) => isOneOf(row.id, id) && equals(name, row.name) && hasKeyword(keyword, row.name),
    );
    return listOf(call, "oscategory", rows, (row) => ({ id: row.id, name: row.name }));
  },
});
