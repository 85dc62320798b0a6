import { invalidValue } from "../../cloud/failure.ts";
import type { Template } from "../../cloud/model.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { flag, list, text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";

export const updateTemplatePermissions = command({
  name: "updateTemplatePermissions",
  description: "Updates a Template visibility permissions.",
  event: { type: "TEMPLATE.UPDATE", doing: "updating template permissions. Template Id:" },
  params: {
    id: uuid("templates", "the template").required(),
    accounts: list("accounts of the owner's domain"),
    isfeatured: flag("shown first"),
    ispublic: flag("usable by all"),
    isextractable: flag("can be downloaded"),
    op: text("add, remove or reset"),
    projectids: unsupported("projects"),
  },
  response: { success: "boolean" },
  run({ values }, cloud) {
    const old = rowOf(cloud, "templates", values.id);
    const { op, accounts = [] } = values;
    if (op !== undefined && !["add", "remove", "reset"].includes(op)) {
      throw invalidValue(
        "Invalid operation on accounts, the operation must be either 'add' or 'remove' or 'reset'",
      );
    }
    if ((op === "add" || op === "remove") && accounts.length === 0) {
      throw invalidValue(`Operation ${op} requires accounts or projectIds to be passed in`);
    }
    const reset = op === "reset";
    const template: Template = {
      ...old,
      isFeatured: values.isfeatured ?? (reset ? false : old.isFeatured),
      isPublic: values.ispublic ?? (reset ? false : old.isPublic),
      isExtractable: values.isextractable ?? old.isExtractable,
      permittedAccounts: permitted(old.permittedAccounts, op, accounts),
    };
    cloud.store.transaction(() => cloud.store.put("templates", template));
    return success();
  },
});

function permitted(
  old: readonly string[],
  op: string | undefined,
  accounts: readonly string[],
): readonly string[] {
  if (op === "reset") return [];
  if (op === "add") return [...new Set([...old, ...accounts])];
  return op === "remove" ? old.filter((account) => !accounts.includes(account)) : old;
}
