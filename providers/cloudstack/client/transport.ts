/** One HTTP exchange. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest, Agent as TlsAgent } from "node:https";
import { createSecureContext, getCACertificates } from "node:tls";

export interface HttpRequest {
  method: "GET" | "POST";
  /** Query string or body. */
  form: string;
  /** Milliseconds without an answer. */
  timeout: number;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export class NetworkError extends Error {
  /** ECONNREFUSED, ENOTFOUND, ...; "TIMEOUT" when nothing came in time. */
  readonly code: string;

  constructor(code: string, text: string, cause: unknown) {
    super(text, { cause });
    this.code = code;
  }
}

export interface Transport {
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/**
 * Milliseconds that a connection is kept without use. Firewalls on the way forget one after some minutes, unseen by both
 * ends, and the next request would wait for an answer until its time is over.
 */
const longestIdle = 10_000;

/**
 * Connections are kept and reused. HTTP_PROXY, HTTPS_PROXY and NO_PROXY count. A server's certificate is always checked.
 * @param authority PEM of certificates that count besides those of Node.js, NODE_EXTRA_CA_CERTS and the system
 */
export function httpTransport(endpoint: URL, authority?: string, idle = longestIdle): Transport {
  const agent = agentFor(endpoint, authority, idle);
  const request = endpoint.protocol === "https:" ? httpsRequest : httpRequest;
  return {
    send: ({ method, form, timeout, signal }) =>
      new Promise((resolve, reject) => {
        const url = new URL(endpoint);
        if (method === "GET") url.search = form;
        const headers =
          method === "GET"
            ? {}
            : {
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "Content-Length": Buffer.byteLength(form),
              };
        const outgoing = request(url, { method, agent, headers, timeout, signal }, (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", (error) => reject(failure(error, signal)));
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        });
        outgoing.on("timeout", () =>
          outgoing.destroy(Object.assign(new Error(`no answer in ${timeout / 1000} s`), { code: "TIMEOUT" })),
        );
        outgoing.on("error", (error) => reject(failure(error, signal)));
        outgoing.end(method === "POST" ? form : undefined);
      }),
  };
}

/** @param authority PEM of certificates that count besides those of Node.js, NODE_EXTRA_CA_CERTS and the system */
export function agentFor(endpoint: URL, authority?: string, idle = longestIdle): Agent {
  const options = { keepAlive: true, timeout: idle, proxyEnv: process.env };
  return endpoint.protocol === "https:"
    ? new TlsAgent({ ...options, secureContext: trusting(authority) })
    : new Agent(options);
}

/** Made once: hundreds of certificates are too much work for each connection. */
function trusting(authority: string | undefined) {
  const known = [...getCACertificates("default"), ...getCACertificates("system")];
  const ca = [...new Set([...known, ...(authority === undefined ? [] : [authority])])];
  return createSecureContext({ ca });
}

function failure(error: Error & { code?: string }, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const code = error.code ?? "UNKNOWN";
  return new NetworkError(code, error.message || code, error);
}
