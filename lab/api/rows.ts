/** The row that a request means, or the server's refusal: a removed row is refused in other words than an unknown one. */
import { accountText, mayAccess, type Owned, ownerIdOf } from "../cloud/accounts.ts";
import { currentCaller } from "../cloud/call-context.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue, permissionDenied, removedRow } from "../cloud/failure.ts";
import type { Account, TableName, Tables, Template } from "../cloud/model.ts";

const typeNames: Partial<Record<TableName, string>> = {
  instances: "VirtualMachine",
  templates: "VirtualMachineTemplate",
  volumes: "Volume",
  snapshots: "Snapshot",
  instanceSnapshots: "VMSnapshot",
  securityGroups: "SecurityGroup",
  networks: "Network",
  publicAddresses: "IpAddress",
  firewallRules: "FirewallRule",
  portForwardingRules: "PortForwardingRule",
  affinityGroups: "AffinityGroup",
  userData: "UserData",
};

/** Somebody else's template may be used where it is public or shared; whatever is done to it is its owner's affair. */
export type Purpose = "use" | "change";

export function rowOf<K extends TableName>(
  cloud: Cloud,
  table: K,
  id: string,
  purpose: Purpose = "change",
): Tables[K] {
  const row = cloud.store.get(table, id);
  if (row) {
    refuseForeign(cloud, table, row, purpose);
    return row;
  }
  const type = typeNames[table] ?? table;
  const number = cloud.store.get("tombstones", id)?.number;
  if (number !== undefined && table === "networks") throw invalidValue(`Network ID=${number} doesn't exist`);
  throw number === undefined ? invalidValue(`Unable to find ${type} by id ${id}`) : removedRow(number, type);
}

/** Tables whose rows anybody may name. */
const everybodys: ReadonlySet<TableName> = new Set([
  "zones",
  "serviceOfferings",
  "diskOfferings",
  "networkOfferings",
  "osTypes",
  "osCategories",
]);

function refuseForeign<K extends TableName>(cloud: Cloud, table: K, row: Tables[K], purpose: Purpose): void {
  const caller = currentCaller();
  if (!caller || everybodys.has(table)) return;
  const ownerId = ownerIdOf(cloud, row as Owned);
  const { account } = caller;
  if (mayAccess(cloud, account, ownerId)) return;
  if (table === "networks" && ownerId === cloud.system.id) return;
  if (table === "templates" && purpose === "use" && isShared(row as Template, account)) return;
  if (table === "jobs") {
    throw permissionDenied(`Account ${accountText(account)} is not authorized to see job id=${row.number}`);
  }
  throw permissionDenied(
    `${accountText(account)} does not have permission to operate with resource ${typeNames[table] ?? table} ${row.id}`,
  );
}

function isShared({ isPublic, permittedAccounts }: Template, account: Account): boolean {
  return isPublic || permittedAccounts.includes(account.name);
}
