/** A CloudStack client as small as can be, with a signature of its own: the lab's must agree with it. */
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Target {
  url: string;
  apiKey: string;
  secretKey: string;
}

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;
// biome-ignore lint/suspicious/noExplicitAny: the wire's edge; tests look at single fields
export type Json = any;

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  body: Json;
}

export class Failure extends Error {
  readonly code: number;
  readonly reply: Json;
  constructor(code: number, text: string, reply: Json) {
    super(text);
    this.code = code;
    this.reply = reply;
  }
}

/** java.net.URLEncoder with %20 for a space. */
export function encode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}

/** @param encoding the server's own is Java's; other ones are refused */
export function sign(
  fields: Readonly<Record<string, string>>,
  secretKey: string,
  encoding: (value: string) => string = encode,
): string {
  const names = Object.keys(fields).sort((a, b) => (a < b ? -1 : 1));
  const text = names.map((name) => `${name}=${encoding(fields[name] ?? "")}`).join("&");
  return createHmac("sha1", secretKey).update(text.toLowerCase()).digest("base64");
}

export class Client {
  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
  }

  /** The answer as it is, signed unless `signature` is given. */
  async raw(fields: Fields, method: "GET" | "POST" = "GET"): Promise<Reply> {
    const given = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    );
    const all: Record<string, string> = {
      response: "json",
      apiKey: this.target.apiKey,
      ...Object.fromEntries(given),
    };
    if (all.signature === undefined) all.signature = sign(all, this.target.secretKey);
    return exchange(this.target.url, method, new URLSearchParams(all).toString());
  }

  /** The content of a good answer, without its outer key. */
  async call(command: string, fields: Fields = {}, method: "GET" | "POST" = "GET"): Promise<Json> {
    const { status, body } = await this.raw({ command, ...fields }, method);
    const [content] = Object.values(body as object) as [Json];
    if (status !== 200) throw new Failure(status, content.errortext, body);
    return content;
  }

  /** Waits for the job of an answer; its result. */
  async job(command: string, fields: Fields = {}, method: "GET" | "POST" = "GET"): Promise<Json> {
    const { jobid } = await this.call(command, fields, method);
    const job = await this.done(jobid);
    if (job.jobstatus === 2) throw new Failure(job.jobresultcode, job.jobresult?.errortext ?? "", job);
    return job.jobresult;
  }

  async done(jobid: string): Promise<Json> {
    for (;;) {
      const job = await this.call("queryAsyncJobResult", { jobid });
      if (job.jobstatus !== 0) return job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Ids that every deployment needs. */
  async world(): Promise<{
    zoneid: string;
    serviceofferingid: string;
    templateid: string;
    networkids: string;
    ostypeid: string;
  }> {
    const [zone, offering, template, network, osType] = await Promise.all([
      this.call("listZones", { name: "lab-zone" }),
      this.call("listServiceOfferings", { name: "1 vCPU, 1 GiB" }),
      this.call("listTemplates", { templatefilter: "featured" }),
      this.call("listNetworks", { name: "lab-network" }),
      this.call("listOsTypes", { description: "Debian GNU/Linux 12 (64-bit)" }),
    ]);
    return {
      zoneid: zone.zone[0].id,
      serviceofferingid: offering.serviceoffering[0].id,
      templateid: template.template[0].id,
      networkids: network.network[0].id,
      ostypeid: osType.ostype[0].id,
    };
  }

  /** A running instance. */
  async deploy(fields: Fields = {}): Promise<Json> {
    const { ostypeid: _, ...needed } = await this.world();
    const result = await this.job("deployVirtualMachine", { ...needed, ...fields }, "POST");
    return result.virtualmachine;
  }
}

export function exchange(url: string, method: "GET" | "POST", query: string): Promise<Reply> {
  const post = method === "POST";
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = post ? { "Content-Type": "application/x-www-form-urlencoded" } : {};
    const sending = request(post ? url : `${url}?${query}`, { method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const body = response.headers["content-type"]?.startsWith("application/json")
          ? JSON.parse(text)
          : text;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
      });
    });
    sending.on("error", reject);
    sending.end(post ? query : undefined);
  });
}
