import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Job, TableName } from "../../cloud/model.ts";

/** In which tables an object of a job's type may be; of other types the server tells no id. */
const tables: Readonly<Record<string, readonly TableName[]>> = {
  VirtualMachine: ["instances"],
  Template: ["templates"],
  Volume: ["volumes"],
  Snapshot: ["snapshots"],
  IpAddress: ["publicAddresses"],
  FirewallRule: ["firewallRules", "portForwardingRules"],
  AffinityGroup: ["affinityGroups"],
};

export function jobView(cloud: Cloud, job: Job): Record<string, unknown> {
  const account = cloud.store.need("accounts", job.accountId);
  const domain = cloud.store.need("domains", account.domainId);
  // Without a result it runs still, or a restart has lost its outcome; then the server stays named.
  const open = job.result === undefined;
  return {
    accountid: account.id,
    account: account.name,
    domainid: domain.id,
    domainpath: domain.name,
    userid: job.userId,
    cmd: job.commandClass,
    jobprocstatus: 0,
    jobresultcode: job.resultCode,
    ...(job.result === undefined ? {} : { jobresulttype: "object", jobresult: job.result }),
    ...(job.instanceType === undefined ? {} : { jobinstancetype: job.instanceType }),
    ...(isKnown(cloud, job) ? { jobinstanceid: job.instanceId } : {}),
    ...(open
      ? { managementserverid: fixedId(cloud, "management-server"), managementservername: "localhost" }
      : {}),
    created: job.created,
    ...(job.completed === undefined ? {} : { completed: job.completed }),
    jobid: job.id,
    jobstatus: job.status,
  };
}

/** A failed creation takes its row away as if it had never been, and the job no longer names it. */
function isKnown(cloud: Cloud, job: Job): boolean {
  const { instanceId } = job;
  if (instanceId === undefined) return false;
  return (tables[job.instanceType ?? ""] ?? []).some(
    (table) =>
      cloud.store.get(table, instanceId) !== undefined ||
      cloud.store.get("tombstones", instanceId)?.table === table,
  );
}
