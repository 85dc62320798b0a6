import { isMember, isRoot } from "../../cloud/accounts.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { flag, text, uuid, withoutEffect } from "../parameters.ts";
import { projectView } from "../views/account.ts";

export const listProjects = listCommand({
  name: "listProjects",
  description: "Lists projects and provides detailed information for listed projects",
  params: {
    id: uuid("projects", "the project"),
    name: text("exact name"),
    domainid: uuid("domains", "its domain"),
    listall: flag("everything that the caller may see, not only where it is a member"),
    isrecursive: withoutEffect(flag("subdomains as well")),
  },
  response: { id: "string", name: "string", displaytext: "string" },
  run(call, cloud) {
    const { id, name, domainid, listall, keyword } = call.values;
    const { account } = call.caller;
    const rows = cloud.store.filter(
      "projects",
      (row) =>
        (isMember(row, account.id) || (isRoot(account) && (listall === true || id !== undefined))) &&
        isOneOf(row.id, id) &&
        equals(name, row.name) &&
        isOneOf(row.domainId, domainid) &&
        hasKeyword(keyword, row.name),
    );
    return listOf(call, "project", rows, (row) => projectView(cloud, row));
  },
});
