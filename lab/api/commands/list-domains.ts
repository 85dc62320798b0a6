import { isInDomain, isRoot } from "../../cloud/accounts.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { domainView } from "../views/account.ts";

export const listDomains = listCommand({
  name: "listDomains",
  description: "Lists domains and provides detailed information for listed domains",
  params: {
    id: uuid("domains", "the domain"),
    name: text("exact name"),
    listall: withoutEffect(flag("everything that the caller may see")),
  },
  response: { id: "string", name: "string", path: "string" },
  run(call, cloud) {
    const { id, name, keyword } = call.values;
    const { account } = call.caller;
    const rows = cloud.store.filter(
      "domains",
      (row) =>
        (isRoot(account) || isInDomain(cloud, row.id, account.domainId)) &&
        isOneOf(row.id, id) &&
        equals(name, row.name) &&
        hasKeyword(keyword, row.name),
    );
    return listOf(call, "domain", rows, (row) => domainView(cloud, row));
  },
});
