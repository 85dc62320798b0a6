/** The lab's side of the control socket. */
import { timingSafeEqual } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { z } from "zod";
import type { Instance } from "../cloud/model.ts";
import { LabProblem, type ToldProblem, wordsOf } from "../errors.ts";
import type { Lab } from "../lab.ts";
import { urlOf } from "../request-url.ts";
import { listStates, removeState } from "../states.ts";
import {
  type FaultList,
  type MachineAccess,
  processHeader,
  type Screen,
  type Seed,
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
  "GET /screen": async ({ controlled, response, url }) => {
    json(response, await screen(labOf(controlled), url.searchParams.get("name") ?? ""));
  },
  "GET /faults": async ({ controlled, response }) => json(response, faultList(labOf(controlled))),
  "POST /faults": async ({ controlled, request, response }) => {
    const { name, options } = faultBody.parse(await body(request));
    labOf(controlled).cloud.faults.arm(name, options);
    json(response, faultList(labOf(controlled)));
  },
  "DELETE /faults": async ({ controlled, response }) => {
    labOf(controlled).cloud.faults.clear();
    json(response, faultList(labOf(controlled)));
  },
  "GET /seed": async ({ controlled, response }) => json(response, seedOf(labOf(controlled))),
  "POST /seed": async ({ controlled, request, response }) => {
    const { seed } = seedBody.parse(await body(request));
    labOf(controlled).cloud.store.seedIds(seed ?? undefined);
    json(response, seedOf(labOf(controlled)));
  },
  "GET /states": async ({ controlled, response }) => json(response, listStates(labOf(controlled).home)),
  "POST /states/save": async ({ controlled, request, response }) => {
    const { name } = stateBody.parse(await body(request));
    await streamed(response, (progress) => labOf(controlled).saveState(name, progress));
  },
  "POST /states/restore": async ({ controlled, request, response }) => {
    const { name } = stateBody.parse(await body(request));
    await streamed(response, (progress) => labOf(controlled).restoreState(name, progress));
  },
  "DELETE /states": async ({ controlled, response, url }) => {
    const { home } = labOf(controlled);
    removeState(home, url.searchParams.get("name") ?? "");
    json(response, listStates(home));
  },
  "POST /down": ({ controlled, response }) => streamed(response, controlled.down),
};

/** Those that other programs may want; the rest is the command line's own. */
const administrator: ReadonlySet<string> = new Set([
  "/status",
  "/faults",
  "/seed",
  "/states",
  "/states/save",
  "/states/restore",
]);

const faultBody = z.object({ name: z.string(), options: z.record(z.string(), z.string()).default({}) });
const seedBody = z.object({ seed: z.string().min(1).max(200).nullable() });
const stateBody = z.object({ name: z.string() });

function problemOf(error: unknown): { problem?: ToldProblem } {
  if (!(error instanceof LabProblem)) return {};
  const { what, because, next } = error;
  return { problem: { what, because, next } };
}

/** Lines of progress, and how it ended. */
async function streamed(
  response: ServerResponse,
  work: (progress: (line: string) => void) => Promise<void>,
): Promise<void> {
  const say = (line: StreamLine) => response.write(`${JSON.stringify(line)}\n`);
  try {
    await work((line) => say({ line }));
    say({ done: true });
  } catch (error) {
    say({ failed: wordsOf(error), ...problemOf(error) });
  }
  response.end();
}

export function createControlServer(controlled: Controlled): Server {
  return createServer((request, response) => answer(controlled, request, response));
}

/** For the endpoint. */
export function administratorListener(controlled: Controlled): RequestListener {
  return (request, response) => {
    if (administrator.has(urlOf(request)?.pathname ?? "")) answer(controlled, request, response);
    else response.writeHead(404).end();
  };
}

function answer(controlled: Controlled, request: IncomingMessage, response: ServerResponse): void {
  if (!isAllowed(request, controlled.key)) {
    response.writeHead(403).end();
    return;
  }
  response.setHeader(processHeader, process.pid);
  const url = urlOf(request);
  const route = url && routes[`${request.method} ${url.pathname}`];
  if (!route) {
    response.writeHead(404).end();
    return;
  }
  route({ controlled, request, response, url }).catch((error) => {
    if (!response.headersSent) response.writeHead(400, { "Content-Type": "application/json" });
    const words = error instanceof z.ZodError ? z.prettifyError(error) : wordsOf(error);
    response.end(JSON.stringify({ error: words, ...problemOf(error) }));
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

function seedOf({ cloud }: Lab): Seed {
  return { seed: cloud.store.seed ?? null };
}

function status({ cloud, settings, url, page }: Lab): Status {
  return {
    pid: process.pid,
    url,
    page,
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

function machineNamed({ cloud }: Lab, wanted: string): Instance {
  const instance = findInstance([...cloud.store.all("instances")], wanted);
  if (instance) return instance;
  const names = [...cloud.store.all("instances")].map(({ name }) => name).join(", ");
  throw new Error(`no machine is named ${wanted}; there are: ${names || "none"}`);
}

async function screen(lab: Lab, wanted: string): Promise<Screen> {
  const { id, name, state } = machineNamed(lab, wanted);
  const picture = state === "Running" ? await lab.cloud.driver.screen?.(id) : undefined;
  if (!picture) throw new Error(`${name} has no screen: it is ${state}, and only QEMU's machines have one`);
  return { png: picture.toString("base64") };
}

async function access(lab: Lab, wanted: string): Promise<MachineAccess> {
  const { cloud } = lab;
  const { id, name, state } = machineNamed(lab, wanted);
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

const largestBody = 64 * 1024;

async function body(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > largestBody) throw new Error(`a request has at most ${largestBody} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

function json(response: ServerResponse, content: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(content));
}
