/** A lab that recorded exchanges are played at, one after the other, and what it answers to them. */
import type { Exchange } from "../../recordings/index.ts";
import { encode, sign } from "../support/client.ts";
import { type InProcess, openInProcess } from "../support/in-process.ts";
import { Bindings, compare, type Mismatch, treeOfXml } from "./compare.ts";

type Fields = Readonly<Record<string, string>>;
// biome-ignore lint/suspicious/noExplicitAny: the wire's edge; the stage looks at single fields
type Json = any;

export interface Keys {
  apiKey: string;
  secretKey: string;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** What is sent in place of the recorded fields, and how the values are encoded for the signature. */
export interface Sent {
  readonly fields?: Fields;
  readonly encoding?: (value: string) => string;
}

export function isSent(value: unknown): value is Sent {
  return typeof value === "object" && value !== null && ("fields" in value || "encoding" in value);
}

export class Replayed {
  readonly bindings = new Bindings();
  readonly inProcess: InProcess;
  /** Who calls. */
  caller: Keys;
  #cookies = "";
  #sessionKey = "";

  private constructor(inProcess: InProcess) {
    this.inProcess = inProcess;
    this.caller = inProcess.lab.keys;
  }

  static async open(): Promise<Replayed> {
    return new Replayed(await openInProcess());
  }

  get cloud() {
    return this.inProcess.lab.cloud;
  }

  end(): Promise<void> {
    this.cloud.faults.clear();
    return this.inProcess.end();
  }

  /** Something that was not recorded and happened all the same; the content of the answer. */
  async call(command: string, fields: Fields = {}): Promise<Json> {
    const { status, text } = await this.#send("POST", { command, response: "json", ...fields });
    const [content] = Object.values(JSON.parse(text)) as Json[];
    if (status !== 200) throw new Error(`${command}: ${status} ${content.errortext}`);
    return content;
  }

  /** The same with its job waited for. */
  async job(command: string, fields: Fields = {}): Promise<Json> {
    const { jobid, id } = await this.call(command, fields);
    const job = await this.#settled(jobid);
    if (job.jobstatus !== 1) throw new Error(`${command}: ${JSON.stringify(job.jobresult)}`);
    return { id, ...job.jobresult };
  }

  /** Sends what was sent then, and tells where the answer is another one. */
  async play(exchange: Exchange, later: readonly Exchange[], sent: Sent = {}): Promise<Mismatch[]> {
    const { command = "" } = exchange.params;
    const willPend = this.#pendsLater(exchange, later);
    if (willPend) this.cloud.faults.arm("job-held", { command });
    if (command === "queryAsyncJobResult" && exchange.body.queryasyncjobresultresponse?.jobstatus > 0) {
      await this.#settled(this.bindings.inLab(exchange.params.jobid ?? ""));
    }
    const answer = await this.#send(
      exchange.method,
      { ...this.#translated(exchange.params), ...sent.fields },
      sent.encoding,
    );
    if (command === "login" && answer.status === 200) this.#keepSession(answer);
    return [
      ...compare(exchange.status, answer.status, this.bindings, "answer", "status"),
      ...compare(exchange.headers, headersOf(answer), this.bindings, "header"),
      ...compare(contentOf(exchange.body), contentOf(answer.text), this.bindings, "body"),
    ];
  }

  /** Jobs of a command that the recording has seen pending go on. */
  release(command: string): void {
    this.cloud.faults.release(command);
  }

  #pendsLater({ body }: Exchange, later: readonly Exchange[]): boolean {
    const [content] = Object.values(body as object) as Json[];
    return (
      content?.jobid !== undefined &&
      later.some(
        (poll) =>
          poll.params.jobid === content.jobid && poll.body.queryasyncjobresultresponse?.jobstatus === 0,
      )
    );
  }

  async #settled(jobid: string): Promise<Json> {
    for (;;) {
      const job = this.cloud.store.need("jobs", jobid);
      if (job.status !== 0) return { jobstatus: job.status, jobresult: job.result };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #translated(params: Fields): Fields {
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(params)) {
      if (name === "apiKey" || name === "signature") continue;
      fields[name] = spelledOut(this.bindings.inLab(value));
    }
    if (fields.sessionkey !== undefined) fields.sessionkey = this.#sessionKey;
    if (fields.password === "right") fields.password = this.inProcess.lab.keys.password;
    return params.apiKey === undefined ? { ...fields, unsigned: "" } : fields;
  }

  async #send(method: "GET" | "POST", { unsigned, ...fields }: Fields, encoding = encode): Promise<Answer> {
    const all = { ...fields, apiKey: this.caller.apiKey };
    const signed = { ...all, signature: sign(all, this.caller.secretKey, encoding) };
    const query = new URLSearchParams(unsigned === undefined ? signed : fields);
    const { url } = this.inProcess.lab;
    const headers = { Cookie: fields.sessionkey === undefined ? "" : this.#cookies };
    const response =
      method === "POST"
        ? await fetch(url, { method, headers, body: query })
        : await fetch(`${url}?${query}`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  #keepSession({ headers, text }: Answer): void {
    this.#cookies = headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; ");
    this.#sessionKey = JSON.parse(text).loginresponse.sessionkey;
  }
}

/** Long values were shortened in the recordings: "IyMj...(8000 characters)". */
function spelledOut(value: string): string {
  const length = /\.\.\.\((\d+) characters\)$/.exec(value)?.[1];
  return length === undefined ? value : "IyMj".repeat(Number(length) / 4);
}

/** Those that were recorded. */
function headersOf({ headers }: Answer): Record<string, string> {
  const kept = ["Content-Type", "X-Description"].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

function contentOf(body: unknown): unknown {
  if (typeof body !== "string") return body;
  if (body.startsWith("{")) return JSON.parse(body);
  return body.startsWith("<?xml") ? treeOfXml(body.slice(body.indexOf("?>") + 2)) : body;
}
