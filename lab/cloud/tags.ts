/** Tags: on which things they can be, and how they come and go. */
import { accountText, mayAccess, type Owned, ownerIdOf } from "./accounts.ts";
import type { Cloud } from "./cloud.ts";
import { invalidValue, permissionDenied, runtimeFault } from "./failure.ts";
import type { Account, TableName } from "./model.ts";

const tables: Readonly<Record<string, TableName>> = {
  UserVm: "instances",
  Template: "templates",
  Volume: "volumes",
  Snapshot: "snapshots",
  VMSnapshot: "instanceSnapshots",
  SecurityGroup: "securityGroups",
  Network: "networks",
  PublicIpAddress: "publicAddresses",
  FirewallRule: "firewallRules",
  PortForwardingRule: "portForwardingRules",
  Zone: "zones",
};

export interface Tagged {
  type: string;
  ids: readonly string[];
}

/** The type as the server writes it, and the ids of things that are there. */
export function tagged(cloud: Cloud, type: string, ids: readonly string[]): Tagged {
  const known = Object.keys(tables).find((name) => name.toLowerCase() === type.toLowerCase());
  const table = tables[known ?? ""];
  if (known === undefined || table === undefined) throw invalidValue(`Invalid resource type: ${type}`);
  for (const id of ids) {
    if (!cloud.store.get(table, id)) {
      throw invalidValue(`Unable to find resource by id ${id} and type ${known}`);
    }
  }
  return { type: known, ids };
}

function ownerOfTagged(cloud: Cloud, type: string, id: string): string {
  const table = tables[type];
  const row = table === undefined ? undefined : cloud.store.get(table, id);
  return ownerIdOf(cloud, (row ?? {}) as Owned);
}

function refuseForeign(cloud: Cloud, caller: Account, { type, ids }: Tagged): void {
  for (const id of ids) {
    if (mayAccess(cloud, caller, ownerOfTagged(cloud, type, id))) continue;
    throw permissionDenied(`${accountText(caller)} does not have permission to tag ${type} ${id}`);
  }
}

/** A key is there once for each thing: no tag is changed. Inside a transaction. */
export function addTags(
  cloud: Cloud,
  { type, ids }: Tagged,
  tags: readonly { key: string; value: string | undefined }[],
  caller: Account,
): void {
  const { store } = cloud;
  refuseForeign(cloud, caller, { type, ids });
  for (const id of ids) {
    const accountId = ownerOfTagged(cloud, type, id);
    for (const { key, value } of tags) {
      if (!value) throw invalidValue(`Value for the key ${key} is either null or empty`);
      if (store.find("tags", (tag) => tag.resourceId === id && tag.key === key)) {
        throw runtimeFault(`tag ${key} already on ${type} with id ${id}`);
      }
      store.put("tags", {
        id: store.newId("tags"),
        number: store.nextNumber("tags"),
        key,
        value,
        resourceType: type,
        resourceId: id,
        accountId,
      });
    }
  }
}

/** Inside a transaction. */
export function copyTags(cloud: Cloud, sourceId: string, { type, id }: { type: string; id: string }): void {
  const accountId = ownerOfTagged(cloud, type, id);
  for (const { key, value } of cloud.store.filter("tags", ({ resourceId }) => resourceId === sourceId)) {
    const number = cloud.store.nextNumber("tags");
    const tag = { id: cloud.store.newId("tags"), number, key, value, accountId };
    cloud.store.put("tags", { ...tag, resourceType: type, resourceId: id });
  }
}

/** Without keys all tags of the things go. Inside a transaction. */
export function removeTags(
  cloud: Cloud,
  { type, ids }: Tagged,
  tags: readonly { key: string; value: string | undefined }[],
  caller: Account,
): void {
  refuseForeign(cloud, caller, { type, ids });
  const found = cloud.store.filter(
    "tags",
    (tag) =>
      tag.resourceType === type &&
      ids.includes(tag.resourceId) &&
      (tags.length === 0 ||
        tags.some(
          ({ key, value }) => tag.key === key && (value === undefined || value === "" || tag.value === value),
        )),
  );
  if (found.length === 0)
    throw invalidValue("Unable to find any tags which conform to specified delete parameters.");
  for (const tag of found) cloud.store.remove("tags", tag.id);
}
