/** The lab's pages, on the same port as the API: the overview, consoles, and the administrator's way in. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { RequestLog } from "../api/requests.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { urlOf } from "../request-url.ts";
import { consolePage, noConsolePage } from "./console-page.ts";
import { ConsoleSockets } from "./console-sockets.ts";
import { consoleHeaders, isLocal, isSame, pageHeaders } from "./guard.ts";
import type { Html } from "./html.ts";
import { refusalPage } from "./layout.ts";
import { overviewPage } from "./overview.ts";
import { adminPath, consolePath, filesPath, openConsolePath, pagePath, socketPath } from "./paths.ts";

export interface WebParts {
  readonly cloud: Cloud;
  readonly requests: RequestLog;
  readonly driver: string;
  /** The administrator's requests, by the control key. */
  readonly admin: RequestListener | undefined;
}

const files: ReadonlyMap<string, { readonly path: string; readonly type: string }> = new Map(
  (
    [
      ["lab.css", join(import.meta.dirname, "files", "lab.css"), "text/css"],
      ["overview.js", join(import.meta.dirname, "files", "overview.js"), "text/javascript"],
      ["console.js", join(import.meta.dirname, "files", "console.js"), "text/javascript"],
      ["xterm.css", module("css/xterm.css"), "text/css"],
      ["xterm.js", module("lib/xterm.mjs"), "text/javascript"],
    ] as const
  ).map(([name, path, type]) => [name, { path, type: `${type}; charset=utf-8` }]),
);

function module(file: string): string {
  return join(import.meta.dirname, "..", "..", "node_modules", "@xterm", "xterm", file);
}

export class Web {
  /** Of this run: it goes with the process. */
  readonly token = randomBytes(32).toString("base64url");
  readonly #parts: WebParts;
  readonly #consoles: ConsoleSockets;

  constructor(parts: WebParts) {
    this.#parts = parts;
    this.#consoles = new ConsoleSockets(parts.cloud);
  }

  get url(): string {
    return `${this.#parts.cloud.endpoint}${pagePath}?token=${this.token}`;
  }

  /** @returns false for what is not the lab's pages' */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = urlOf(request);
    if (!url?.pathname.startsWith(pagePath)) return false;
    this.#answer(url, request, response);
    return true;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = urlOf(request);
    if (url?.pathname !== socketPath) refuse(socket, 404, "Not Found");
    else if (!isLocal(request.headers, this.#port)) refuse(socket, 403, "Forbidden");
    else {
      const instanceId = this.#parts.cloud.consoles.take(tokenOf(url));
      if (instanceId === undefined) refuse(socket, 403, "Forbidden");
      else this.#consoles.open(request, socket, head, instanceId);
    }
  }

  /** Ends open consoles. */
  close(): void {
    this.#consoles.close();
  }

  get #port(): number {
    return Number(new URL(this.#parts.cloud.endpoint).port);
  }

  #answer(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { admin } = this.#parts;
    const { pathname } = url;
    if (!isLocal(request.headers, this.#port)) {
      const next = "Its pages are for this computer alone, under the address that the lab prints.";
      page(response, 403, refusalPage("This address is not the lab's", next));
    } else if (admin && pathname.startsWith(`${adminPath}/`)) {
      request.url = `${pathname.slice(adminPath.length)}${url.search}`;
      admin(request, response);
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      const next = "What changes the lab goes through its API or the command line.";
      page(response, 405, refusalPage("These pages are only to be read", next));
    } else if (pathname.startsWith(filesPath)) sendFile(response, pathname.slice(filesPath.length));
    else if (pathname === consolePath) this.#showConsole(tokenOf(url), response);
    else if (isSame(tokenOf(url), this.token)) this.#show(url, response);
    else {
      const next = "Each start makes a new one: npm run lab -- status prints it.";
      page(response, 403, refusalPage("This link is not of this run of the lab", next));
    }
  }

  /** To whoever has the token. */
  #show({ pathname, searchParams }: URL, response: ServerResponse): void {
    const { cloud, requests, driver } = this.#parts;
    if (pathname === openConsolePath) this.#openConsole(searchParams.get("id") ?? "", response);
    else if (pathname === pagePath) {
      page(response, 200, overviewPage({ cloud, requests, driver, token: this.token }));
    } else page(response, 404, refusalPage("Not found", "The lab has no such page."));
  }

  #showConsole(token: string, response: ServerResponse): void {
    const { cloud } = this.#parts;
    const instance = cloud.store.get("instances", cloud.consoles.instanceOf(token) ?? "");
    if (instance) page(response, 200, consolePage(instance), consoleHeaders);
    else page(response, 403, noConsolePage());
  }

  #openConsole(id: string, response: ServerResponse): void {
    const { cloud } = this.#parts;
    const instance = cloud.store.get("instances", id);
    if (instance?.state !== "Running") {
      page(response, 404, noConsolePage(instance));
      return;
    }
    response.writeHead(303, {
      ...pageHeaders,
      Location: `${consolePath}?token=${cloud.consoles.create(instance.id)}`,
    });
    response.end();
  }
}

function tokenOf({ searchParams }: URL): string {
  return searchParams.get("token") ?? "";
}

function page(
  response: ServerResponse,
  status: number,
  content: Html,
  headers: Readonly<Record<string, string>> = pageHeaders,
): void {
  response.writeHead(status, { ...headers, "Content-Type": "text/html; charset=utf-8" });
  response.end(content.text);
}

function sendFile(response: ServerResponse, name: string): void {
  const file = files.get(name);
  if (!file) {
    page(response, 404, refusalPage("Not found", "The lab has no such file."));
    return;
  }
  response.writeHead(200, { ...pageHeaders, "Content-Type": file.type });
  response.end(readFileSync(file.path));
}

function refuse(socket: Duplex, status: number, reason: string): void {
  // Whoever asked may have gone meanwhile, and the server no longer listens for that itself.
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
