import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { ownerFields } from "../views/owner.ts";

export const listTemplatePermissions = command({
  name: "listTemplatePermissions",
  description: "List Template visibility and all Accounts that have permissions to view this Template.",
  params: { id: uuid("templates", "the template").required() },
  response: { id: "string", ispublic: "boolean", domainid: "string", account: "list" },
  run({ values }, cloud) {
    const template = rowOf(cloud, "templates", values.id);
    const owner = ownerFields(cloud, template.accountId);
    return {
      templatepermission: {
        id: template.id,
        ispublic: template.isPublic,
        domainid: owner.domainid,
        account: [owner.account, ...template.permittedAccounts],
      },
    };
  },
});
