/** One API request from its parameters to its answer; knows nothing of sockets. */
import { isRoot, type OwnerValues, ownerOf } from "../cloud/accounts.ts";
import { asCaller, asNobody, type Caller } from "../cloud/call-context.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { eventText, recordEvent } from "../cloud/events.ts";
import { ApiError, diskFullText, isDiskFull, notAuthorised, parameterFault } from "../cloud/failure.ts";
import { lookup } from "../cloud/lookup.ts";
import type { Answer, Call, Command, Page } from "./command.ts";
import { logIn, logOut } from "./login.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { commandNamed } from "./registry.ts";
import { errorContent, type Rendered, type ResponseType, render } from "./render.ts";
import type { Session, Sessions } from "./sessions.ts";
import { isSigned, type Keys } from "./signature.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** Names in the case in which they came; of a repeated name the first value. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of somebody who logged in, in place of keys. */
  readonly session?: Session | undefined;
}

/** How callers get in: the administrator's keys and password, and who has logged in. */
export interface Access extends Keys {
  readonly password: string;
  readonly sessions: Sessions;
}

export interface ApiAnswer extends Rendered {
  readonly status: number;
  readonly cookies?: readonly string[];
  /** Text of an error, for the X-Description header. */
  readonly description?: string;
}

/** Undefined: the connection is to be broken without an answer. */
export async function dispatch(
  request: ApiRequest,
  cloud: Cloud,
  access: Access,
): Promise<ApiAnswer | undefined> {
  const { parameters } = request;
  const name = parameters.get("command") ?? "";
  const command = commandNamed(name);
  const type: ResponseType = parameters.get("response")?.toLowerCase() === "json" ? "json" : "xml";
  const regularKey = command ? (command.outerKey ?? `${name.toLowerCase()}response`) : "errorresponse";
  try {
    const trouble = cloud.faults.onRequest(name, parameters);
    if (trouble?.kind === "reset") return undefined;
    if (trouble?.kind === "refuse") throw trouble.error;
    if (name === "login") return logIn(request, type, cloud, access);
    if (name === "logout") return logOut(request, type, cloud, access);
    const caller = callerOf(request, cloud, access);
    if (caller && !command) cloud.log(noSuchCommand(name));
    if (!caller || !command) throw notAuthorised();
    if (command.adminOnly && !isRoot(caller.account)) throw notForRole(command, caller);
    const answer = await asCaller(caller, () => carryOut(command, request, cloud, caller));
    const content = cloud.faults.onContent(name, answer);
    if (cloud.faults.onAnswer(name)) return undefined;
    return { status: 200, ...render(type, regularKey, content) };
  } catch (error) {
    const refusal = error instanceof ApiError ? error : unexpected(cloud, name, error);
    const outerKey = refusal.errorCode === 432 ? "errorresponse" : regularKey;
    const rendered = render(type, outerKey, errorContent(refusal));
    // The servlet's own refusals come without a description.
    const described = refusal.exceptionCode === undefined ? {} : { description: refusal.message };
    return { status: refusal.errorCode, ...rendered, ...described };
  }
}

/** A server has more commands, and one that it has not it refuses in the same words as a wrong key: a person looks here. */
function noSuchCommand(name: string): string {
  return `the lab has no command ${JSON.stringify(name.slice(0, 80))}: docs/lab-coverage.md has those that there are`;
}

/** Undefined for every flaw: the server tells none of them apart. */
function callerOf({ parameters, session }: ApiRequest, cloud: Cloud, admin: Keys): Caller | undefined {
  const { store } = cloud;
  if (session) {
    const user = store.get("users", session.userId);
    return user && { user, account: store.need("accounts", user.accountId) };
  }
  const apiKey = [...parameters].find(([name]) => name.toLowerCase() === "apikey")?.[1] ?? "";
  const user = apiKey === admin.apiKey ? cloud.adminUser : usersByKey(store, apiKey)[0];
  const secretKey = apiKey === admin.apiKey ? admin.secretKey : user?.secretKey;
  if (!user || secretKey === undefined || !isSigned(parameters, { apiKey, secretKey })) return undefined;
  return { user, account: store.need("accounts", user.accountId) };
}

const usersByKey = lookup("users", ({ apiKey }) => apiKey ?? "-");

function notForRole({ name }: Command, { user }: Caller): ApiError {
  return new ApiError(
    432,
    `The API [${name}] does not exist or is not available for the account for user id [${user.id}].`,
    9999,
  );
}

const hiddenFromUsers: ReadonlySet<number> = new Set([530, 533, 534]);

async function carryOut(
  command: Command,
  request: ApiRequest,
  cloud: Cloud,
  caller: Caller,
): Promise<Answer> {
  try {
    return await answerTo(command, request, cloud, caller);
  } catch (error) {
    if (error instanceof ApiError && hiddenFromUsers.has(error.errorCode) && !isRoot(caller.account)) {
      const text = "Internal error executing command, please contact your system administrator";
      throw new ApiError(error.errorCode, text, error.exceptionCode);
    }
    throw error;
  }
}

async function answerTo(
  command: Command,
  request: ApiRequest,
  cloud: Cloud,
  caller: Caller,
): Promise<Answer> {
  refuseControlCharacters(request.parameters);
  const page = command.kind === "sync" && command.list ? pageOf(request.parameters, command.name) : undefined;
  const values = readParameters(command.params, request.parameters, command.name, cloud.store);
  const isList = command.kind === "sync" && command.list === true;
  const call: Call<Parameters> = {
    values,
    caller,
    account:
      isList || command.namesAccounts
        ? caller.account
        : ownerOf(cloud, caller.account, values as OwnerValues),
    method: request.method,
    page,
    command: command.name.toLowerCase(),
  };
  return command.kind === "sync" ? carriedOut(command, call, cloud) : submit(command, call, cloud);
}

/** With an event of how it ended, where the command has one. */
async function carriedOut(
  command: Command & { kind: "sync" },
  call: Call<Parameters>,
  cloud: Cloud,
): Promise<Answer> {
  const { event } = command;
  if (!event) return command.run(call, cloud);
  const id = call.values.id as string | undefined;
  const tell = (level: "INFO" | "ERROR", description: string) =>
    cloud.store.transaction(() =>
      recordEvent(cloud.store, {
        type: event.type,
        level,
        state: "Completed",
        description,
        accountId: call.caller.account.id,
        userId: call.caller.user.id,
        ...(id === undefined ? {} : { resourceId: id }),
      }),
    );
  try {
    const answer = await command.run(call, cloud);
    tell("INFO", eventText.completed(event, id));
    return answer;
  } catch (error) {
    if (error instanceof ApiError) tell("ERROR", eventText.failed(event, id));
    throw error;
  }
}

function submit(command: Command & { kind: "async" }, call: Call<Parameters>, cloud: Cloud): Answer {
  const { job, plan } = cloud.store.transaction(() => {
    const plan = command.submit(call, cloud);
    const customId = call.values.customjobid as string | undefined;
    const origin = {
      command: command.name,
      commandClass: `org.apache.cloudstack.api.command.${classFor(command.commandClass, call.caller)}`,
      accountId: call.caller.account.id,
      userId: call.caller.user.id,
      ...(command.event && { event: command.event, creates: command.creates === true }),
      ...(customId === undefined ? {} : { customId: checkedJobId(customId, call.command) }),
    };
    return { job: cloud.jobs.create(origin, plan), plan };
  });
  asNobody(() => cloud.jobs.launch(job, plan));
  return command.creates ? { id: plan.instanceId, jobid: job.id } : { jobid: job.id };
}

/** The root administrator's commands are classes of their own. */
function classFor(name: string, { account }: Caller): string {
  return isRoot(account) ? name : name.replace(/^admin\.(.*)ByAdmin$/, "user.$1");
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
  return new ApiError(530, isDiskFull(error) ? diskFullText : "Internal error executing command", 4250);
}
