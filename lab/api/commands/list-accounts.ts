import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid } from "../parameters.ts";

export const listAccounts = listCommand({
  name: "listAccounts",
  description: "Lists accounts and provides detailed account information for listed accounts",
  params: {
    id: uuid("accounts", "the account"),
    name: text("exact name"),
    domainid: uuid("domains", "its domain"),
    listall: flag("everything that the caller may see"),
    isrecursive: flag("subdomains as well"),
  },
  response: { id: "string", name: "string", roletype: "string", domainid: "string" },
  run(call, cloud) {
    const { id, name, domainid, keyword } = call.values;
    // The system account is never listed.
    const rows = cloud.store.filter(
      "accounts",
      (account) =>
        account.id !== cloud.system.id &&
        isOneOf(account.id, id) &&
        equals(name, account.name) &&
        isOneOf(account.domainId, domainid) &&
        hasKeyword(keyword, account.name),
    );
    return listOf(call, "account", rows, (account) => ({
      id: account.id,
      name: account.name,
      accounttype: 1,
      roleid: account.roleId,
      roletype: "Admin",
      rolename: "Root Admin",
      domainid: account.domainId,
      domain: cloud.store.need("domains", account.domainId).name,
      domainpath: cloud.store.need("domains", account.domainId).name,
      state: "enabled",
      created: account.created,
      isdefault: true,
      user: [],
    }));
  },
});
