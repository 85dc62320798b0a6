import { runtimeFault } from "../../cloud/failure.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteUserData = command({
  name: "deleteUserData",
  description: "Deletes a userdata",
  since: "4.18",
  params: { id: uuid("userData", "the user data").required(), ...ownerParams },
  response: { success: "boolean" },
  run({ values }, cloud) {
    const { store } = cloud;
    const row = rowOf(cloud, "userData", values.id);
    const user = store.find("instances", ({ userDataId }) => userDataId === row.id);
    if (user) {
      throw runtimeFault(
        `Userdata [ID: ${row.id}, Name: ${row.name}] can't be removed because it is linked to instances`,
      );
    }
    store.transaction(() => store.remove("userData", row.id));
    return success();
  },
});
