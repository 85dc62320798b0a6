/** How much an account may have. Administrators are not limited, and -1 is no limit. */

import { isRoot, projectOf } from "./accounts.ts";
import type { Cloud } from "./cloud.ts";
import { ApiError } from "./failure.ts";
import type { Account } from "./model.ts";

export interface ResourceType {
  number: number;
  name: string;
  count(cloud: Cloud, accountId: string): number;
}

const counted =
  (table: "instances" | "publicAddresses" | "snapshots" | "templates" | "networks" | "affinityGroups") =>
  (cloud: Cloud, accountId: string) =>
    cloud.store.filter(table, (row) => row.accountId === accountId && !isGone(row)).length;

/** What is destroyed does not count, though it is not expunged yet. */
function isGone(row: object): boolean {
  const { state } = row as { state?: string };
  return state === "Destroyed" || state === "Expunging";
}

function instancesOf(cloud: Cloud, accountId: string) {
  return cloud.store.filter("instances", (row) => row.accountId === accountId && !isGone(row));
}

function volumesOf(cloud: Cloud, accountId: string) {
  return cloud.store.filter("volumes", ({ accountId: own, instanceId }) => {
    const owner =
      own ?? (instanceId === undefined ? undefined : cloud.store.get("instances", instanceId)?.accountId);
    return owner === accountId;
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export const resourceTypes: readonly ResourceType[] = [
  { number: 0, name: "user_vm", count: counted("instances") },
  { number: 1, name: "public_ip", count: counted("publicAddresses") },
  { number: 2, name: "volume", count: (cloud, id) => volumesOf(cloud, id).length },
  { number: 3, name: "snapshot", count: counted("snapshots") },
  { number: 4, name: "template", count: counted("templates") },
  { number: 5, name: "project", count: (cloud, id) => projectsLed(cloud, id) },
  { number: 6, name: "network", count: counted("networks") },
  { number: 7, name: "vpc", count: () => 0 },
  {
    number: 8,
    name: "cpu",
    count: (cloud, id) =>
      sum(
        instancesOf(cloud, id).map(
          ({ serviceOfferingId }) => cloud.store.need("serviceOfferings", serviceOfferingId).cpu,
        ),
      ),
  },
  {
    number: 9,
    name: "memory",
    count: (cloud, id) =>
      sum(
        instancesOf(cloud, id).map(
          ({ serviceOfferingId }) => cloud.store.need("serviceOfferings", serviceOfferingId).memoryMiB,
        ),
      ),
  },
  {
    number: 10,
    name: "primary_storage",
    count: (cloud, id) => sum(volumesOf(cloud, id).map(({ sizeGiB }) => sizeGiB)),
  },
  { number: 11, name: "secondary_storage", count: () => 0 },
];

function projectsLed(cloud: Cloud, accountId: string): number {
  const leads = ({ members }: { members: readonly { accountId: string; leads: boolean }[] }) =>
    members.some((member) => member.accountId === accountId && member.leads);
  return cloud.store.filter("projects", leads).length;
}

/** -1 where there is none. */
export function limitOf(account: Account, { name }: ResourceType): number {
  return account.limits?.[name] ?? -1;
}

/** @throws ApiError 535 when `more` of it would be too many */
export function refuseBeyondLimit(cloud: Cloud, account: Account, name: string, more = 1): void {
  const type = resourceTypes.find((each) => each.name === name);
  if (!type || isRoot(account)) return;
  const limit = limitOf(account, type);
  if (limit < 0) return;
  const current = type.count(cloud, account.id);
  if (current + more <= limit) return;
  const domain = cloud.store.need("domains", account.domainId).number;
  const whose = projectOf(cloud, account.id) ? "Project" : "Account";
  throw new ApiError(
    535,
    `Maximum amount of resources of Type = '${name}', tag = 'null' for ${whose} Name = ${account.name} in Domain Id = ${domain} is exceeded: ${whose} Resource Limit = ${limit}, Current ${whose} Resource Amount = ${current}, Current ${whose} Resource Reservation = 0, Requested Resource Amount = ${more}.`,
    4370,
  );
}
