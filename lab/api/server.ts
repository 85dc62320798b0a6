/** The endpoint: CloudStack's /client/api over HTTP, on the host's loopback only. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Cloud } from "../cloud/cloud.ts";
import { extractNamed } from "../cloud/extracts.ts";
import { type Access, type ApiAnswer, dispatch } from "./dispatch.ts";
import type { RequestLog } from "./requests.ts";
import type { Session } from "./sessions.ts";

export const apiPath = "/client/api";

/** Beyond these the real server's Jetty refuses, before CloudStack sees anything. */
const longestUrl = 8192;
const largestBody = 1_048_576;

export interface Endpoint {
  readonly cloud: Cloud;
  readonly access: Access;
  readonly requests: RequestLog;
  /** Of what is served beside the API; false for what is not. */
  readonly beside: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export function createApiServer(endpoint: Endpoint): Server {
  const { cloud } = endpoint;
  return createServer({ maxHeaderSize: 65536, keepAliveTimeout: 30_000 }, (request, response) => {
    if (endpoint.beside(request, response)) return;
    answer(request, response, endpoint).catch((error) => {
      cloud.log(`endpoint: ${error instanceof Error ? error.stack : String(error)}`);
      response.destroy();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { cloud, access, requests }: Endpoint,
): Promise<void> {
  const at = Date.now();
  const begun = performance.now();
  const url = request.url ?? "/";
  if (url.length > longestUrl) return sendHtml(response, 414, "URI Too Long");
  const [path = "", query = ""] = split(url);
  const extract = extractNamed(cloud, path);
  if (extract !== undefined) return sendFile(request, response, extract);
  if (path.replace(/\/$/, "") !== apiPath) return sendHtml(response, 404, "Not Found");
  const { method } = request;
  if (method !== "GET" && method !== "POST") return sendHtml(response, 405, "Method Not Allowed");
  const body = method === "POST" ? await readBody(request) : "";
  if (body === undefined) return sendHtml(response, 413, "Payload Too Large");
  const form = isForm(request) ? body : "";
  const parameters = firstOfEach(query, form);
  const session = sessionOf(request, parameters, access);
  const result = await cloud.gate.pass(() => dispatch({ method, parameters, session }, cloud, access));
  await cloud.store.flushed();
  const command = parameters.get("command") ?? "";
  const milliseconds = performance.now() - begun;
  requests.add({ at, method, command, status: result?.status, milliseconds });
  if (result === undefined) request.socket.destroy();
  else send(response, result, new Date(Date.now() + cloud.faults.clockSeconds * 1000));
}

/** The session's key as a parameter and both cookies, as the server wants it by default. */
function sessionOf(
  request: IncomingMessage,
  parameters: ReadonlyMap<string, string>,
  { sessions }: Access,
): Session | undefined {
  const given = parameters.get("sessionkey");
  if (given === undefined) return undefined;
  const cookies = new Map(
    (request.headers.cookie ?? "").split(";").map((part) => {
      const [name = "", ...value] = part.trim().split("=");
      return [name, value.join("=")] as const;
    }),
  );
  return cookies.get("sessionkey") === given ? sessions.find(cookies.get("JSESSIONID"), given) : undefined;
}

/** Query and form together; of a repeated name the first value counts. */
function firstOfEach(query: string, form: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const text of [query, form]) {
    for (const [name, value] of new URLSearchParams(text)) {
      if (!parameters.has(name)) parameters.set(name, value);
    }
  }
  return parameters;
}

function split(url: string): [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

function isForm(request: IncomingMessage): boolean {
  return (request.headers["content-type"] ?? "")
    .toLowerCase()
    .startsWith("application/x-www-form-urlencoded");
}

/** Undefined where it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= largestBody) parts.push(part);
  }
  return length > largestBody ? undefined : Buffer.concat(parts).toString("utf8");
}

function send(
  response: ServerResponse,
  { status, contentType, body, description, cookies }: ApiAnswer,
  date: Date,
): void {
  response.writeHead(status, {
    Date: date.toUTCString(),
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    ...(cookies === undefined ? {} : { "Set-Cookie": [...cookies] }),
    ...(description === undefined ? {} : { "X-Description": description.replace(/[^\x20-\x7e]/g, "?") }),
  });
  response.end(body);
}

async function sendFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") return sendHtml(response, 405, "Method Not Allowed");
  const file = await stat(path).catch(() => undefined);
  if (!file) return sendHtml(response, 404, "Not Found");
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": file.size });
  if (method === "HEAD") response.end();
  else await pipeline(createReadStream(path), response);
}

function sendHtml(response: ServerResponse, status: number, reason: string): void {
  const body = `<h1>Bad Message ${status}</h1><pre>reason: ${reason}</pre>`;
  response.writeHead(status, {
    "Content-Type": "text/html;charset=iso-8859-1",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  response.end(body);
}
