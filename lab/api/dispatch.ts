/** One API request from its parameters to its answer; knows nothing of sockets. */
import type { Cloud } from "../cloud/cloud.ts";
import { ApiError, notAuthorised, parameterFault } from "../cloud/failure.ts";
import type { Answer, Call, Command, Page } from "./command.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { commandNamed } from "./registry.ts";
import { errorContent, type Rendered, type ResponseType, render } from "./render.ts";
import { isSigned, type Keys } from "./signature.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** Names in the case in which they came; of a repeated name the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface ApiAnswer extends Rendered {
  readonly status: number;
  /** Text of an error, for the X-Description header. */
  readonly description?: string;
}

/** Undefined: the connection is to be broken without an answer. */
export async function dispatch(
  request: ApiRequest,
  cloud: Cloud,
  keys: Keys,
): Promise<ApiAnswer | undefined> {
  const { parameters } = request;
  const name = parameters.get("command") ?? "";
  const command = commandNamed(name);
  const type: ResponseType = parameters.get("response")?.toLowerCase() === "json" ? "json" : "xml";
  const outerKey = command ? (command.outerKey ?? `${name.toLowerCase()}response`) : "errorresponse";
  try {
    const trouble = cloud.faults.onRequest(name);
    if (trouble?.kind === "reset") return undefined;
    if (trouble?.kind === "refuse") throw trouble.error;
    if (!isSigned(parameters, keys) || !command) throw notAuthorised();
    const content = await carryOut(command, request, cloud);
    if (cloud.faults.onAnswer(name)) return undefined;
    return { status: 200, ...render(type, outerKey, content) };
  } catch (error) {
    const refusal = error instanceof ApiError ? error : unexpected(cloud, name, error);
    const rendered = render(type, outerKey, errorContent(refusal));
    // The servlet's own refusals come without a description.
    const described = refusal.exceptionCode === undefined ? {} : { description: refusal.message };
    return { status: refusal.errorCode, ...rendered, ...described };
  }
}

async function carryOut(command: Command, request: ApiRequest, cloud: Cloud): Promise<Answer> {
  refuseControlCharacters(request.parameters);
  const page = command.kind === "sync" && command.list ? pageOf(request.parameters, command.name) : undefined;
  const call: Call<Parameters> = {
    values: readParameters(command.params, request.parameters, command.name, cloud.store),
    account: cloud.admin,
    user: cloud.adminUser,
    method: request.method,
    page,
    command: command.name.toLowerCase(),
  };
  return command.kind === "sync" ? command.run(call, cloud) : submit(command, call, cloud);
}

function submit(command: Command & { kind: "async" }, call: Call<Parameters>, cloud: Cloud): Answer {
  const { job, plan } = cloud.store.transaction(() => {
    const plan = command.submit(call, cloud);
    const customId = call.values.customjobid as string | undefined;
    const origin = {
      command: command.name,
      commandClass: `org.apache.cloudstack.api.command.${command.commandClass}`,
      accountId: call.account.id,
      userId: call.user.id,
      ...(customId === undefined ? {} : { customId: checkedJobId(customId, call.command) }),
    };
    return { job: cloud.jobs.create(origin, plan), plan };
  });
  cloud.jobs.launch(job, plan);
  return command.creates ? { id: plan.instanceId, jobid: job.id } : { jobid: job.id };
}

function checkedJobId(id: string, command: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw parameterFault(
    `Unable to execute API command ${command} due to invalid value. customjobid: ${id} is not a UUID`,
  );
}

/** Line feed and carriage return pass, a tab does not. */
function refuseControlCharacters(parameters: ReadonlyMap<string, string>): void {
  for (const [name, value] of parameters) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
    if (/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/.test(value)) {
      throw parameterFault(
        `Received value ${value} for parameter ${name.toLowerCase()} is invalid, contains illegal ASCII non-printable characters`,
      );
    }
  }
}

function pageOf(parameters: ReadonlyMap<string, string>, command: string): Page | undefined {
  const value = (wanted: string) => [...parameters].find(([name]) => name.toLowerCase() === wanted)?.[1];
  const [number, size] = [value("page"), value("pagesize")];
  const given = (text: string | undefined): text is string => text !== undefined && text !== "";
  if (given(number) && !given(size))
    throw parameterFault('"pagesize" parameter is required when "page" is specified');
  if (given(size) && !given(number))
    throw parameterFault('"page" parameter is required when "pagesize" is specified');
  if (!given(number) || !given(size)) return undefined;
  const page = { number: Number(number), size: Number(size) };
  const wrong = Number.isInteger(page.number)
    ? Number.isInteger(page.size)
      ? undefined
      : "pagesize"
    : "page";
  if (wrong !== undefined || page.size === 0) {
    throw parameterFault(
      `Unable to execute API command ${command.toLowerCase()} due to invalid value ${size} for parameter ${wrong ?? "pagesize"}`,
    );
  }
  return page;
}

function unexpected(cloud: Cloud, command: string, error: unknown): ApiError {
  cloud.log(`${command}: ${error instanceof Error ? error.stack : String(error)}`);
  const full = (error as NodeJS.ErrnoException | undefined)?.code === "ENOSPC";
  return new ApiError(530, full ? "The lab's disk is full" : "Internal error executing command", 4250);
}
