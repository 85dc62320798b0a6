import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, is, isOneOf } from "../filters.ts";
import { flag, text, uuid } from "../parameters.ts";

export const listOsTypes = listCommand({
  name: "listOsTypes",
  description: "Lists all supported OS types for this cloud",
  params: {
    id: uuid("osTypes", "the OS type"),
    oscategoryid: uuid("osCategories", "its category"),
    description: text("exact description"),
    fordisplay: flag("only those that are shown"),
  },
  response: { id: "string", description: "string", oscategoryid: "string" },
  run(call, cloud) {
    const { id, oscategoryid, description, fordisplay, keyword } = call.values;
    const rows = cloud.store.filter(
      "osTypes",
      (type) =>
        isOneOf(type.id, id) &&
        isOneOf(type.categoryId, oscategoryid) &&
        equals(description, type.description) &&
        is(fordisplay, true) &&
        hasKeyword(keyword, type.description),
    );
    return listOf(call, "ostype", rows, (type) => ({
      id: type.id,
      oscategoryid: type.categoryId,
      oscategoryname: cloud.store.need("osCategories", type.categoryId).name,
      name: type.description,
      description: type.description,
      isuserdefined: false,
      fordisplay: true,
    }));
  },
});
