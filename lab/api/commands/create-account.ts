import { addAccount } from "../../cloud/accounts.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { RoleType } from "../../cloud/model.ts";
import { command } from "../command.ts";
import { integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { accountView } from "../views/account.ts";

const roleOfType: Readonly<Record<number, RoleType>> = { 0: "User", 1: "Admin", 2: "DomainAdmin" };

export const createAccount = command({
  name: "createAccount",
  description: "Creates an account",
  event: { type: "ACCOUNT.CREATE", doing: "creating Account" },
  adminOnly: true,
  namesAccounts: true,
  params: {
    username: text("name of its first user").required(),
    password: text("the user's").required(),
    firstname: text("the user's").required(),
    lastname: text("the user's").required(),
    email: text("the user's").required(),
    account: text("name of the account; by default the user's"),
    accounttype: integer("0 user, 1 root administrator, 2 domain administrator"),
    domainid: uuid("domains", "its domain; by default the root domain"),
    timezone: withoutEffect(text("of the user")),
  },
  response: { id: "string", name: "string", accounttype: "integer" },
  run({ values }, cloud) {
    const role = roleOfType[values.accounttype ?? 0];
    if (!role) throw invalidValue(`Account type ${values.accounttype} is not one of 0, 1, 2`);
    const domain = rowOf(cloud, "domains", values.domainid ?? cloud.rootDomain.id);
    const { account } = cloud.store.transaction(() =>
      addAccount(cloud, {
        name: values.account ?? values.username,
        domainId: domain.id,
        role,
        user: {
          name: values.username,
          password: values.password,
          firstName: values.firstname,
          lastName: values.lastname,
          email: values.email,
        },
      }),
    );
    return { account: accountView(cloud, account) };
  },
});
