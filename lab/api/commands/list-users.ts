import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid } from "../parameters.ts";
import { ownerFields } from "../views/owner.ts";

export const listUsers = listCommand({
  name: "listUsers",
  description: "Lists user accounts",
  params: {
    id: uuid("users", "the user"),
    username: text("exact name"),
    account: text("its account"),
    domainid: uuid("domains", "its domain"),
    listall: flag("everything that the caller may see"),
    isrecursive: flag("subdomains as well"),
  },
  response: { id: "string", username: "string", account: "string", domainid: "string" },
  run(call, cloud) {
    const { id, username, account, keyword } = call.values;
    const rows = cloud.store.filter(
      "users",
      (user) =>
        isOneOf(user.id, id) &&
        equals(username, user.name) &&
        equals(account, cloud.store.need("accounts", user.accountId).name) &&
        hasKeyword(keyword, user.name),
    );
    // Keys are never in a list.
    return listOf(call, "user", rows, (user) => ({
      id: user.id,
      username: user.name,
      firstname: user.name,
      lastname: "lab",
      created: user.created,
      state: "enabled",
      accountid: user.accountId,
      ...ownerFields(cloud, user.accountId),
      accounttype: 1,
      roletype: "Admin",
      isdefault: true,
    }));
  },
});
