import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { text, uuid } from "../parameters.ts";
import { userDataView } from "../views/user-data.ts";
import { visibleTo } from "../visibility.ts";

export const listUserData = listCommand({
  name: "listUserData",
  description: "List registered userdatas",
  since: "4.18",
  params: { id: uuid("userData", "the user data"), name: text("exact name"), ...visibilityParams },
  response: { id: "string", name: "string", userdata: "string" },
  run(call, cloud) {
    const { id, name, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "userData",
      (row) =>
        isVisible(row) && isOneOf(row.id, id) && equals(name, row.name) && hasKeyword(keyword, row.name),
    );
    return listOf(call, "userdata", rows, (row) => userDataView(cloud, row));
  },
});
