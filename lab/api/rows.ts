/** The row that a request means, or the server's refusal: a removed row is refused in other words than an unknown one. */
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue, removedRow } from "../cloud/failure.ts";
import type { TableName, Tables } from "../cloud/model.ts";

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

export function rowOf<K extends TableName>(cloud: Cloud, table: K, id: string): Tables[K] {
  const row = cloud.store.get(table, id);
  if (row) return row;
  const type = typeNames[table] ?? table;
  const number = cloud.store.get("tombstones", id)?.number;
  throw number === undefined ? invalidValue(`Unable to find ${type} by id ${id}`) : removedRow(number, type);
}
