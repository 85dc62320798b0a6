/** The lab's side of the control socket. */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Instance } from "../cloud/model.ts";
import { wordsOf } from "../errors.ts";
import type { Lab } from "../lab.ts";
import {
  type FaultList,
  type MachineAccess,
  processHeader,
  type Status,
  type StreamLine,
} from "./control.ts";

export interface Controlled {
  key: string;
  /** Undefined while the lab is being opened. */
  lab(): Lab | undefined;
  /** Tells the listener every line of the start, past ones too, until it ends. */
  watchStart(listener: (line: StreamLine) => void): void;
  /** Takes the lab down, and the process with it. */
  down(progress: (line: string) => void): Promise<void>;
}

type Route = (context: {
  controlled: Controlled;
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
}) => Promise<void>;

const routes: Readonly<Record<string, Route>> = {
  "GET /start": async ({ controlled, response }) => {
    controlled.watchStart((line) => {
      response.write(`${JSON.stringify(line)}\n`);
      if (!("line" in line)) response.end();
    });
  },
  "GET /status": async ({ controlled, response }) => json(response, status(labOf(controlled))),
  "GET /machine": async ({ controlled, response, url }) => {
    json(response, await access(labOf(controlled), url.searchParams.get("name") ?? ""));
  },
  "GET /faults": async ({ controlled, response }) => json(response, faultList(labOf(controlled))),
  "POST /faults": async ({ controlled, request, response }) => {
    const { name, options } = (await body(request)) as { name: string; options: Record<string, string> };
    labOf(controlled).cloud.faults.arm(name, options);
    json(response, faultList(labOf(controlled)));
  },
  "DELETE /faults": async ({ controlled, response }) => {
    labOf(controlled).cloud.faults.clear();
    json(response, faultList(labOf(controlled)));
  },
  "POST /down": async ({ controlled, response }) => {
    const say = (line: StreamLine) => response.write(`${JSON.stringify(line)}\n`);
    try {
      await controlled.down((line) => say({ line }));
      say({ done: true });
    } catch (error) {
      say({ failed: wordsOf(error) });
    }
    response.end();
  },
};

export function createControlServer(controlled: Controlled): Server {
  return createServer((request, response) => {
    if (!isAllowed(request, controlled.key)) {
      response.writeHead(403).end();
      return;
    }
    response.setHeader(processHeader, process.pid);
    const url = new URL(request.url ?? "/", "http://lab");
    const route = routes[`${request.method} ${url.pathname}`];
    if (!route) {
      response.writeHead(404).end();
      return;
    }
    route({ controlled, request, response, url }).catch((error) => {
      if (!response.headersSent) response.writeHead(400);
      response.end(JSON.stringify({ error: wordsOf(error) }));
    });
  });
}

/** The abstract namespace has no file modes: whoever is on the machine can connect, so the key decides. */
function isAllowed(request: IncomingMessage, key: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const expected = Buffer.from(`Bearer ${key}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function labOf(controlled: Controlled): Lab {
  const lab = controlled.lab();
  if (!lab) throw new Error("the lab is still starting");
  return lab;
}

function status({ cloud, settings, url }: Lab): Status {
  return {
    pid: process.pid,
    url,
    driver: settings.driver,
    uptime: Math.round(process.uptime()),
    memory: process.memoryUsage.rss(),
    runningJobs: cloud.jobs.runningCount,
    instances: [...cloud.store.all("instances")].map(({ id, name, state, publicIp, defaultUser }) => ({
      id,
      name,
      state,
      ...(publicIp === undefined ? {} : { publicIp }),
      defaultUser,
    })),
    templates: [...cloud.store.all("templates")].map(({ id, name, state }) => ({ id, name, state })),
  };
}

async function access({ cloud }: Lab, wanted: string): Promise<MachineAccess> {
  const instance = findInstance([...cloud.store.all("instances")], wanted);
  if (!instance) {
    const names = [...cloud.store.all("instances")].map(({ name }) => name).join(", ");
    throw new Error(`no machine is named ${wanted}; there are: ${names || "none"}`);
  }
  const { id, name, state } = instance;
  const enter = state === "Running" ? await cloud.driver.enter?.(id) : undefined;
  return {
    id,
    name,
    state,
    consoleSocket: cloud.driver.consoleSocket(id),
    ...(enter === undefined ? {} : { enter }),
  };
}

/** By id, name or display name; a destroyed instance only when there is no other. */
function findInstance(instances: readonly Instance[], wanted: string): Instance | undefined {
  const found = instances.filter(({ id, name, displayName }) => [id, name, displayName].includes(wanted));
  return found.find(({ state }) => state !== "Destroyed") ?? found[0];
}

function faultList({ cloud }: Lab): FaultList {
  const known = cloud.faults.known.map(({ name, description, options }) => ({ name, description, options }));
  return { known, armed: cloud.faults.list() };
}

async function body(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

function json(response: ServerResponse, content: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(content));
}
