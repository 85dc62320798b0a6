import { ApiError, invalidValue } from "../../cloud/failure.ts";
import { removeTagsOf } from "../../cloud/networks.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const deleteSecurityGroup = command({
  name: "deleteSecurityGroup",
  description: "Deletes security group",
  event: { type: "SG.DELETE", doing: "deleting security group" },
  params: {
    id: uuid("securityGroups", "the group"),
    name: text("its name, in place of its id"),
    ...ownerParams,
  },
  response: { success: "boolean" },
  run({ values, account }, cloud) {
    const { store } = cloud;
    const named = store.find(
      "securityGroups",
      (row) => row.name === values.name && row.accountId === account.id,
    );
    const id = values.id ?? named?.id;
    if (id === undefined) throw invalidValue("Either id or name is required");
    const group = rowOf(cloud, "securityGroups", id);
    if (store.find("instances", (row) => row.securityGroupIds?.includes(group.id) === true)) {
      throw new ApiError(536, "Cannot delete group when there are virtual machines associated with it", 4375);
    }
    store.transaction(() => {
      removeTagsOf(cloud, group.id);
      store.remove("securityGroups", group.id);
    });
    return success();
  },
});
