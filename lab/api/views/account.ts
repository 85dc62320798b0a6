import { isInDomain, pathOf, roleNames, roleOf } from "../../cloud/accounts.ts";
import { seesAll } from "../../cloud/call-context.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import type { Account, Domain, Project, User } from "../../cloud/model.ts";
import { tagViews } from "./tag.ts";

export function accountView(cloud: Cloud, account: Account): Record<string, unknown> {
  return {
    id: account.id,
    name: account.name,
    ...roleFields(account),
    roleid: account.roleId,
    ...domainFields(cloud, account),
    state: "enabled",
    created: account.created,
    isdefault: account.id === cloud.admin.id,
    user: cloud.store
      .filter("users", (user) => user.accountId === account.id)
      .map((user) => userView(cloud, user)),
  };
}

/** Secret key and password are never in a list. */
export function userView(cloud: Cloud, user: User): Record<string, unknown> {
  const account = cloud.store.need("accounts", user.accountId);
  const keys = cloud.keysOf(user);
  return {
    id: user.id,
    username: user.name,
    firstname: user.firstName ?? "Admin",
    lastname: user.lastName ?? "User",
    email: user.email ?? "admin@mailprovider.com",
    created: user.created,
    state: "enabled",
    account: account.name,
    accountid: account.id,
    ...roleFields(account),
    roleid: account.roleId,
    usersource: "native",
    domainid: account.domainId,
    domain: cloud.store.need("domains", account.domainId).name,
    iscallerchilddomain: false,
    isdefault: user.id === cloud.adminUser.id,
    is2faenabled: false,
    is2famandated: false,
    ...(keys && { apikey: keys.apiKey }),
    ...(seesAll() && { apikeyaccess: "INHERIT" }),
  };
}

export function domainView(cloud: Cloud, domain: Domain): Record<string, unknown> {
  const parent = domain.parentId === undefined ? undefined : cloud.store.need("domains", domain.parentId);
  const path = pathOf(cloud, domain);
  const others = [...cloud.store.all("domains")];
  return {
    id: domain.id,
    name: domain.name,
    level: path.split("/").length - 1,
    ...(parent ? { parentdomainid: parent.id, parentdomainname: parent.name } : {}),
    haschild: others.some((other) => other.id !== domain.id && isInDomain(cloud, other.id, domain.id)),
    path,
    state: "Active",
  };
}

export function projectView(cloud: Cloud, project: Project): Record<string, unknown> {
  const domain = cloud.store.need("domains", project.domainId);
  const named = (leads: boolean) =>
    project.members
      .filter((member) => !leads || member.leads)
      .map(({ accountId }) => ({ account: cloud.store.need("accounts", accountId).name }));
  return {
    id: project.id,
    name: project.name,
    displaytext: project.displayText,
    domainid: domain.id,
    domain: domain.name,
    projectaccountname: cloud.store.need("accounts", project.accountId).name,
    owner: named(true),
    state: "Active",
    created: project.created,
    tags: tagViews(cloud, project.id),
  };
}

function roleFields(account: Account): Record<string, unknown> {
  const role = roleOf(account);
  return { accounttype: roleNames[role].type, roletype: role, rolename: roleNames[role].name };
}

function domainFields(cloud: Cloud, { domainId }: Account): Record<string, unknown> {
  const domain = cloud.store.need("domains", domainId);
  return { domainid: domain.id, domain: domain.name, domainpath: pathOf(cloud, domain) };
}
