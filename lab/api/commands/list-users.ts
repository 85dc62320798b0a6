import { mayAccess } from "../../cloud/accounts.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { userView } from "../views/account.ts";

export const listUsers = listCommand({
  name: "listUsers",
  description: "Lists user accounts",
  params: {
    id: uuid("users", "the user"),
    username: text("exact name"),
    account: text("its account"),
    domainid: uuid("domains", "its domain"),
    listall: withoutEffect(flag("everything that the caller may see")),
    isrecursive: withoutEffect(flag("subdomains as well")),
  },
  response: { id: "string", username: "string", account: "string", domainid: "string" },
  run(call, cloud) {
    const { id, username, account, domainid, keyword } = call.values;
    const rows = cloud.store.filter("users", (user) => {
      const own = cloud.store.need("accounts", user.accountId);
      return (
        mayAccess(cloud, call.caller.account, own.id) &&
        isOneOf(user.id, id) &&
        equals(username, user.name) &&
        equals(account, own.name) &&
        isOneOf(own.domainId, domainid) &&
        hasKeyword(keyword, user.name)
      );
    });
    return listOf(call, "user", rows, (user) => userView(cloud, user));
  },
});
