/** An object on which a job works says so. */
import type { Cloud } from "../../cloud/cloud.ts";

export function busyFields(cloud: Cloud, id: string): Record<string, unknown> {
  const job = cloud.jobs.busyWith(id);
  return job === undefined ? {} : { jobid: job, jobstatus: 0 };
}
