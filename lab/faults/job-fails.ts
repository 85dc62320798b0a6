import { ApiError } from "../cloud/failure.ts";
import type { Fault } from "./fault.ts";

export const jobFails: Fault = {
  name: "job-fails",
  description: "a job fails before it does anything",
  options: { code: "error code of the job's result (530)", text: "its error text" },
  times: 1,
  job: ({ code, text }) => ({
    kind: "fail",
    error: new ApiError(Number(code ?? 530), text ?? "Failure on demand", 9999),
  }),
};
