/** CloudStack's API: signed commands, lists, and asynchronous jobs. Knows nothing of Pulumi. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import * as answers from "./answers.ts";
import { CloudFault, isFault, kindOfCode } from "./faults.ts";
import { type Limits, limited } from "./limits.ts";
import { type Keys, type Parameters, signedForm } from "./signature.ts";
import { type HttpAnswer, httpTransport, NetworkError, type Transport } from "./transport.ts";

export interface CloudSettings extends Keys {
  apiUrl: URL;
  requestTimeoutSeconds: number;
  /** How long a job may take when its resource has no time-out of its own. */
  jobTimeoutSeconds: number;
  /** How long what the cloud has no room for is asked for again; not at all where it is left out. */
  capacityRetrySeconds?: number;
  scope?: Scope;
  limits?: Limits;
  /** PEM of a certificate authority that counts besides the system's. */
  authority?: string;
  transport?: Transport;
  now?: () => Date;
}

/** Whose objects: those of a project, or of another account than the key's own. */
export interface Scope {
  /** Name or id. */
  project?: string;
  account?: string;
  /** Id of the account's domain. */
  domain?: string;
}

export interface Submitted {
  /** Of the object, when the command makes one. */
  id: string | undefined;
  jobId: string;
}

type Result = Record<string, unknown>;

/** Tries, and the pause before each next one in milliseconds. */
const pauses = [200, 500, 1300];

/** The same where the server has had too many requests of this key: it counts them anew after some seconds. */
const ratePauses = [...pauses, 3000, 8000, 20_000];

/** A clock that is off by more than this cannot be told from wrong keys by the server's answer alone; in seconds. */
const tolerableSkew = 300;

/** Answers to a GET that is longer than this may be refused by servers and proxies; in characters. */
const longestQuery = 2000;

const pageSize = 500;

/** Commands that ask whose objects are meant; all others know no owner, or take it from the object that they name. */
const owned =
  /^(list|create|register|deploy|associate|resetSSHKey|delete(SSHKeyPair|UserData|AffinityGroup|SecurityGroup)$)/;
const ownerless =
  /^(list(Zones|OsTypes|OsCategories|Capabilities|Apis|Projects|Accounts|Users|Domains|Hypervisors|TemplatePermissions)|createTags)$/;

export class CloudStack {
  readonly settings: CloudSettings;
  private readonly transport: Transport;
  private readonly now: () => Date;
  private scope: Promise<Parameters> | undefined;

  constructor(settings: CloudSettings) {
    this.settings = settings;
    const transport = settings.transport ?? httpTransport(settings.apiUrl, settings.authority);
    this.transport = settings.limits ? limited(transport, settings.limits) : transport;
    this.now = settings.now ?? (() => new Date());
  }

  /** Host and port, for messages. */
  get endpoint(): string {
    return this.settings.apiUrl.host;
  }

  /**
   * A synchronous command; gives what is inside the answer's only key.
   * @throws CloudFault
   */
  async call(command: string, parameters: Parameters, signal: AbortSignal): Promise<Result> {
    const all =
      owned.test(command) && !ownerless.test(command)
        ? { ...(await this.scopeParameters(signal)), ...parameters }
        : parameters;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.once(command, all, signal);
      } catch (error) {
        const pause = (isFault(error, "rate") ? ratePauses : pauses)[attempt];
        if (pause === undefined || !mayRepeat(command, error)) throw faultOf(command, error);
        await delay(pause * (0.75 + Math.random() / 2), undefined, { signal });
      }
    }
  }

  /**
   * Every row of a list command, page after page. How many rows a page has is the server's own default, which its
   * operator may have lowered; not every list says how many rows there are in all.
   */
  async list<T>(
    command: string,
    row: z.ZodType<T>,
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<T[]> {
    const rows: T[] = [];
    let size = pageSize;
    for (let page = 1; ; page++) {
      const paging = page === 1 ? {} : { page: String(page), pagesize: String(size) };
      const result = await this.call(command, { ...parameters, ...paging }, signal);
      const found = Object.values(result).find(Array.isArray) ?? [];
      rows.push(...found.map((each) => row.parse(each)));
      const total = Number(result.count ?? Number.POSITIVE_INFINITY);
      if (page === 1 && found.length > 0 && total > found.length && Number.isFinite(total))
        size = found.length;
      if (found.length < size || rows.length >= total) return rows;
    }
  }

  /**
   * An asynchronous command. When its answer is lost, the job is looked for under the id that was given to it, so that
   * the command is never sent twice.
   * @param jobId one that the server has no job for
   */
  async submit(
    command: string,
    parameters: Parameters,
    signal: AbortSignal,
    jobId: string = randomUUID(),
  ): Promise<Submitted> {
    try {
      const answer = await this.call(command, { ...parameters, customjobid: jobId }, signal);
      const { id, jobid } = answers.submitted.parse(answer);
      return { id, jobId: jobid };
    } catch (error) {
      if (!isFault(error, "unreachable") || neverLeft(error.cause)) throw error;
      const job = await this.lateJob(jobId, signal);
      if (!job) throw error;
      return { id: job.jobinstanceid, jobId };
    }
  }

  /** The server may still be about to begin with it. */
  private async lateJob(jobId: string, signal: AbortSignal): Promise<answers.Job | undefined> {
    for (const pause of pauses) {
      const job = await this.job(jobId, signal).catch(() => undefined);
      if (job) return job;
      await delay(pause, undefined, { signal });
    }
    return undefined;
  }

  /** @returns undefined when the server does not know the job (any more) */
  async job(jobId: string, signal: AbortSignal): Promise<answers.Job | undefined> {
    try {
      return answers.job.parse(await this.call("queryAsyncJobResult", { jobid: jobId }, signal));
    } catch (error) {
      if (error instanceof CloudFault && error.kind === "invalid") return undefined;
      throw error;
    }
  }

  /**
   * The keys' own word for whether they are good: a wrong key, a clock that is off and a command that the server does not
   * have all give 401.
   */
  private async refused(command: string, answer: HttpAnswer, text: string, signal: AbortSignal) {
    const fault = (kind: CloudFault["kind"], words: string) =>
      new CloudFault({ kind, command, code: answer.status, text: words });
    const skew = this.skewSeconds(answer);
    if (Math.abs(skew) > tolerableSkew) {
      const direction = skew > 0 ? "ahead of" : "behind";
      return fault("clock", `this computer's clock is ${Math.abs(skew)} s ${direction} the server's`);
    }
    if (command === "listCapabilities") return fault("keys", text);
    const known = await this.once("listCapabilities", {}, signal).then(
      () => true,
      () => false,
    );
    return known ? fault("command", `the server has no command ${command}`) : fault("keys", text);
  }

  private skewSeconds(answer: HttpAnswer): number {
    const told = Date.parse(answer.headers.date ?? "");
    return Number.isNaN(told) ? 0 : Math.round((this.now().getTime() - told) / 1000);
  }

  private async once(command: string, parameters: Parameters, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const form = signedForm(command, parameters, this.settings, this.now());
    const answer = await this.transport.send({
      method: isRead(command) && form.length <= longestQuery ? "GET" : "POST",
      form,
      timeout: this.settings.requestTimeoutSeconds * 1000,
      signal,
    });
    const inner = innerOf(answer);
    if (answer.status === 200 && inner) return inner;
    const text = typeof inner?.errortext === "string" ? inner.errortext : describe(answer);
    if (answer.status === 401) throw await this.refused(command, answer, text, signal);
    const kind = inner ? kindOfCode(answer.status) : foreignKind(answer.status);
    throw new CloudFault({ kind, command, code: answer.status, text });
  }

  private scopeParameters(signal: AbortSignal): Promise<Parameters> {
    this.scope ??= this.resolveScope(signal);
    return this.scope;
  }

  private async resolveScope(signal: AbortSignal): Promise<Parameters> {
    const { project, account, domain } = this.settings.scope ?? {};
    return {
      ...(project && { projectid: await this.projectId(project, signal) }),
      ...(account && { account }),
      ...(domain && { domainid: domain }),
    };
  }

  private async projectId(project: string, signal: AbortSignal): Promise<string> {
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(project)) return project;
    const found = await this.list("listProjects", answers.project, { name: project }, signal);
    const match = found.find(({ name }) => name === project);
    if (match) return match.id;
    throw new CloudFault({
      kind: "invalid",
      command: "listProjects",
      code: 431,
      text: `there is no project ${project} that this key can use`,
    });
  }
}

function isRead(command: string): boolean {
  return /^(list|query|get)/.test(command);
}

/**
 * Only what cannot have been done already: a request that never left, one that the server turned away at the door, and
 * reading. Never 5xx in general: CloudStack's 530 to 537 are final.
 */
function mayRepeat(command: string, error: unknown): boolean {
  if (error instanceof NetworkError) {
    return neverLeft(error) || (isRead(command) && error.code !== "TIMEOUT" && isPassing(error));
  }
  return error instanceof CloudFault && (error.code === 503 || error.code === 429);
}

function neverLeft(error: unknown): boolean {
  return error instanceof NetworkError && error.code === "ECONNREFUSED";
}

function isPassing(error: NetworkError): boolean {
  return ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ECONNABORTED"].includes(error.code);
}

function faultOf(command: string, error: unknown): unknown {
  if (!(error instanceof NetworkError)) return error;
  const text = `${error.code === "TIMEOUT" ? "" : `${error.code}: `}${error.message}`;
  const kind = ofCertificates.test(error.code) ? "certificate" : "unreachable";
  return new CloudFault({ kind, command, code: 0, text, cause: error });
}

/** Codes of Node.js and OpenSSL. */
const ofCertificates = /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/u;

function innerOf(answer: HttpAnswer): Result | undefined {
  try {
    const parsed = answers.envelope.safeParse(JSON.parse(answer.body));
    return parsed.success ? Object.values(parsed.data)[0] : undefined;
  } catch {
    return undefined;
  }
}

/** A gateway on the way that speaks for itself: behind it the request may have been carried out all the same. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 504]);

function foreignKind(status: number): CloudFault["kind"] {
  if (gatewayStatuses.has(status)) return "unreachable";
  return status === 503 ? "unavailable" : status === 414 ? "invalid" : "foreign";
}

const shownBody = 80;

function describe(answer: HttpAnswer): string {
  const beginning = answer.body.replace(/\s+/g, " ").trim().slice(0, shownBody);
  return `HTTP ${answer.status}${beginning ? `: ${beginning}` : " without a body"}`;
}
