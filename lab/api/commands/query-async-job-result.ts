import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { jobView } from "../views/job.ts";

export const queryAsyncJobResult = command({
  name: "queryAsyncJobResult",
  description: "Retrieves the current status of asynchronous job",
  params: { jobid: uuid("jobs", "the job").required() },
  response: { jobid: "string", jobstatus: "integer", jobresultcode: "integer", jobresult: "responseobject" },
  run: ({ values }, cloud) => jobView(cloud, rowOf(cloud, "jobs", values.jobid)),
});
