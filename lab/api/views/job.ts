import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import type { Job, TableName } from "../../cloud/model.ts";

const tables: Readonly<Record<string, TableName>> = { VirtualMachine: "instances", Template: "templates" };

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
  const table = tables[job.instanceType ?? ""];
  if (job.instanceId === undefined || table === undefined) return false;
  return (
    cloud.store.get(table, job.instanceId) !== undefined ||
    cloud.store.get("tombstones", job.instanceId)?.table === table
  );
}
