import { mayAccess, projectOf, roleOf } from "../../cloud/accounts.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { accountView } from "../views/account.ts";

export const listAccounts = listCommand({
  name: "listAccounts",
  description: "Lists accounts and provides detailed account information for listed accounts",
  params: {
    id: uuid("accounts", "the account"),
    name: text("exact name"),
    domainid: uuid("domains", "its domain"),
    listall: withoutEffect(flag("everything that the caller may see")),
    isrecursive: withoutEffect(flag("subdomains as well")),
  },
  response: { id: "string", name: "string", roletype: "string", domainid: "string" },
  run(call, cloud) {
    const { id, name, domainid, keyword } = call.values;
    const { account: caller } = call.caller;
    // The system's account and those of projects are never listed.
    const rows = cloud.store.filter(
      "accounts",
      (account) =>
        account.id !== cloud.system.id &&
        projectOf(cloud, account.id) === undefined &&
        (roleOf(caller) === "User" ? account.id === caller.id : mayAccess(cloud, caller, account.id)) &&
        isOneOf(account.id, id) &&
        equals(name, account.name) &&
        isOneOf(account.domainId, domainid) &&
        hasKeyword(keyword, account.name),
    );
    return listOf(call, "account", rows, (account) => accountView(cloud, account));
  },
});
