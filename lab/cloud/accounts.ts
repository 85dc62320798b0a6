/** Accounts, domains and projects: who may do what with whose things. */
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { Cloud } from "./cloud.ts";
import { invalidValue, permissionDenied } from "./failure.ts";
import { derivedId } from "./ids.ts";
import { lookup } from "./lookup.ts";
import type { Account, Domain, Project, RoleType, User } from "./model.ts";
import { apiTime } from "./time.ts";

export const roleNames: Readonly<Record<RoleType, { type: number; name: string }>> = {
  Admin: { type: 1, name: "Root Admin" },
  DomainAdmin: { type: 2, name: "Domain Admin" },
  User: { type: 0, name: "User" },
};

/** Accounts of labs that had one administrator name no role. */
export const roleOf = ({ role }: Account): RoleType => role ?? "Admin";

export const isRoot = (account: Account): boolean => roleOf(account) === "Admin";

/** "ROOT/partners/one" */
export function pathOf(cloud: Cloud, domain: Domain): string {
  const parent = domain.parentId === undefined ? undefined : cloud.store.get("domains", domain.parentId);
  return parent ? `${pathOf(cloud, parent)}/${domain.name}` : domain.name;
}

/** Itself included. */
export function isInDomain(cloud: Cloud, domainId: string, ancestorId: string): boolean {
  for (let id: string | undefined = domainId; id !== undefined; ) {
    if (id === ancestorId) return true;
    id = cloud.store.get("domains", id)?.parentId;
  }
  return false;
}

const projectsOfAccount = lookup("projects", ({ accountId }) => accountId);

/** The project whose things this account owns; nobody logs in to such an account. */
export function projectOf(cloud: Cloud, accountId: string): Project | undefined {
  return projectsOfAccount(cloud.store, accountId)[0];
}

export function isMember(project: Project, accountId: string): boolean {
  return project.members.some((member) => member.accountId === accountId);
}

export interface Owned {
  readonly accountId?: string | undefined;
  /** Of a volume, which is its instance's owner's. */
  readonly instanceId?: string | undefined;
}

export function ownerIdOf(cloud: Cloud, { accountId, instanceId }: Owned): string {
  if (accountId !== undefined) return accountId;
  const instance = instanceId === undefined ? undefined : cloud.store.get("instances", instanceId);
  return instance?.accountId ?? cloud.admin.id;
}

/** Whether an account may see and change what another one owns. */
export function mayAccess(cloud: Cloud, account: Account, ownerId: string): boolean {
  if (account.id === ownerId || isRoot(account)) return true;
  const project = projectOf(cloud, ownerId);
  if (project && isMember(project, account.id)) return true;
  const owner = cloud.store.get("accounts", ownerId);
  if (!owner || roleOf(account) !== "DomainAdmin" || owner.id === cloud.system.id) return false;
  return isInDomain(cloud, owner.domainId, account.domainId);
}

export function accountText({ id, name, number }: Account): string {
  return `Account [${JSON.stringify({ accountName: name, id: number, uuid: id })}]`;
}

export interface OwnerValues {
  readonly account?: string | undefined;
  readonly domainid?: string | undefined;
  readonly projectid?: string | undefined;
}

/** Whose a new thing is to be, or whose things are meant by name. */
export function ownerOf(cloud: Cloud, caller: Account, values: OwnerValues): Account {
  const { account: name, domainid, projectid } = values;
  if (projectid !== undefined && projectid !== "") {
    if (name !== undefined && name !== "") {
      throw invalidValue("Account and projectId can't be specified together");
    }
    return cloud.store.need("accounts", projectNamed(cloud, caller, projectid).accountId);
  }
  if (name === undefined || name === "") return caller;
  const found = accountNamed(cloud, name, domainid ?? caller.domainId);
  if (mayAccess(cloud, caller, found.id)) return found;
  throw permissionDenied(
    `${accountText(caller)} does not have permission to operate with ${accountText(found)}`,
  );
}

export function accountNamed(cloud: Cloud, name: string, domainId: string): Account {
  const found = cloud.store.find("accounts", (row) => row.name === name && row.domainId === domainId);
  if (found) return found;
  throw invalidValue(`Unable to find account ${name} in domain ${domainId}`);
}

export function projectNamed(cloud: Cloud, caller: Account, id: string): Project {
  const project = cloud.store.get("projects", id);
  if (!project) throw invalidValue(`Unable to find project by id ${id}`);
  if (isRoot(caller) || isMember(project, caller.id)) return project;
  throw permissionDenied(`${accountText(caller)} is not authorized to access project id=${id}`);
}

export interface NewAccount {
  name: string;
  domainId: string;
  role: RoleType;
  user: Pick<User, "name"> & Partial<User> & { password: string };
}

/** An account and its first user. Inside a transaction. */
export function addAccount(cloud: Cloud, wanted: NewAccount): { account: Account; user: User } {
  const { store } = cloud;
  const { name, domainId, role } = wanted;
  if (store.find("accounts", (row) => row.name === name && row.domainId === domainId)) {
    throw invalidValue(`The specified account: ${name} already exists`);
  }
  const created = apiTime();
  const roleId =
    store.find("accounts", (row) => roleOf(row) === role)?.roleId ?? derivedId(cloud.rootDomain.id, role);
  const number = store.nextNumber("accounts");
  const account: Account = { id: store.newId("accounts"), number, name, domainId, role, roleId, created };
  store.put("accounts", account);
  const { password, ...rest } = wanted.user;
  const user: User = {
    ...rest,
    id: store.newId("users"),
    number: store.nextNumber("users"),
    accountId: account.id,
    password: hashed(password),
    created,
  };
  store.put("users", user);
  return { account, user };
}

/** New ones each time: the old ones are no longer good. Inside a transaction. */
export function giveKeys(cloud: Cloud, user: User): User & { apiKey: string; secretKey: string } {
  const key = () => randomBytes(64).toString("base64url");
  const row = { ...user, apiKey: key(), secretKey: key() };
  cloud.store.put("users", row);
  return row;
}

export function hashed(password: string): string {
  const salt = randomBytes(16).toString("hex");
  return `${salt}:${scryptSync(password, salt, 32).toString("hex")}`;
}

export function isPassword(user: User, given: string): boolean {
  const [salt = "", digest = ""] = (user.password ?? "").split(":");
  if (digest === "") return false;
  return timingSafeEqual(scryptSync(given, salt, 32), Buffer.from(digest, "hex"));
}
