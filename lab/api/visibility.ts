/** Whose things a list shows to its caller. */
import {
  accountNamed,
  isInDomain,
  isRoot,
  mayAccess,
  type Owned,
  ownerIdOf,
  projectNamed,
  projectOf,
  roleOf,
} from "../cloud/accounts.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { permissionDenied } from "../cloud/failure.ts";
import type { Account } from "../cloud/model.ts";
import type { Call } from "./command.ts";
import type { Parameters } from "./parameters.ts";

export interface Asked {
  readonly id?: string | undefined;
  readonly account?: string | undefined;
  readonly domainid?: string | undefined;
  readonly projectid?: string | undefined;
  readonly listall?: boolean | undefined;
  readonly isrecursive?: boolean | undefined;
}

/**
 * A predicate on rows. Things of projects show only to those who name the project, or all of them by -1.
 * @param id of the one thing that is asked for, where that is not the parameter id
 */
export function visibleTo(cloud: Cloud, call: Call<Parameters>, id?: string): (row: Owned) => boolean {
  const asked = call.values as Asked;
  const seesAccount = accountsSeen(cloud, call.caller.account, { ...asked, id: asked.id ?? id });
  return (row) => seesAccount(ownerIdOf(cloud, row));
}

export function accountsSeen(cloud: Cloud, caller: Account, asked: Asked): (accountId: string) => boolean {
  const { account, domainid, projectid } = asked;
  if (projectid === "-1") {
    return (id) => projectOf(cloud, id) !== undefined && mayAccess(cloud, caller, id);
  }
  if (projectid !== undefined && projectid !== "") {
    const { accountId } = projectNamed(cloud, caller, projectid);
    return (id) => id === accountId;
  }
  if (account !== undefined && account !== "") {
    const named = accountNamed(cloud, account, domainid ?? caller.domainId);
    if (!mayAccess(cloud, caller, named.id)) throw permissionDenied(notAllowed(named.name));
    return (id) => id === named.id;
  }
  if (domainid !== undefined) return inDomain(cloud, caller, domainid, asked.isrecursive === true);
  // What is named by its id is shown to whoever may access it.
  const everything = asked.listall === true || asked.id !== undefined;
  if (!everything || roleOf(caller) === "User") {
    return (id) => id === caller.id || (asked.id !== undefined && mayAccess(cloud, caller, id));
  }
  return (id) =>
    mayAccess(cloud, caller, id) && (asked.id !== undefined || projectOf(cloud, id) === undefined);
}

function inDomain(
  cloud: Cloud,
  caller: Account,
  domainId: string,
  recursive: boolean,
): (accountId: string) => boolean {
  if (
    !isRoot(caller) &&
    !(roleOf(caller) === "DomainAdmin" && isInDomain(cloud, domainId, caller.domainId))
  ) {
    throw permissionDenied(notAllowed(`domain ${domainId}`));
  }
  return (id) => {
    const owner = cloud.store.get("accounts", id)?.domainId ?? "";
    return owner === domainId || (recursive && isInDomain(cloud, owner, domainId));
  };
}

const notAllowed = (what: string) => `Caller is not authorized to see what belongs to ${what}`;
