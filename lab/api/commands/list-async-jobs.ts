import { apiTime } from "../../cloud/time.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { hasKeyword } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { date, text, withoutEffect } from "../parameters.ts";
import { jobView } from "../views/job.ts";
import { visibleTo } from "../visibility.ts";

export const listAsyncJobs = listCommand({
  name: "listAsyncJobs",
  description: "Lists all pending asynchronous jobs for the account",
  params: {
    startdate: date("jobs since then"),
    ...visibilityParams,
    managementserverid: withoutEffect(text("of this management server; the lab is one")),
  },
  response: { jobid: "string", jobstatus: "integer", cmd: "string" },
  run(call, cloud) {
    const { startdate, keyword } = call.values;
    const since = startdate && apiTime(startdate);
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "jobs",
      (job) =>
        isVisible(job) &&
        (since === undefined ? job.status === 0 : job.created >= since) &&
        hasKeyword(keyword, job.commandClass),
    );
    return listOf(call, "asyncjobs", rows, (job) => jobView(cloud, job));
  },
});
