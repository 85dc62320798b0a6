/** What a real server answered, read by the provider's client: no id is lost, no refusal misread. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import * as answers from "../../providers/cloudstack/client/answers.ts";
import { CloudStack } from "../../providers/cloudstack/client/client.ts";
import { CloudFault, type FaultKind } from "../../providers/cloudstack/client/faults.ts";
import { waitForJob } from "../../providers/cloudstack/client/jobs.ts";
import { type Exchange, exchanges } from "../recordings/index.ts";

let current: Exchange;
let cloud: CloudStack;
const { signal } = new AbortController();

const server = createServer((request, response) => {
  // That it asks for its capabilities after a 401 is the client's own affair.
  const query = new URL(request.url ?? "", "http://server").searchParams;
  const asked = query.get("command");
  const own = asked === "listCapabilities" && current.params.command !== asked;
  const { status, headers, body } = own ? { ...current, status: 401 } : current;
  // Of a list that was recorded page by page there is one page.
  if (query.has("page") && status === 200)
    return void response.writeHead(status, headers).end('{"listresponse":{}}');
  response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
});

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  cloud = new CloudStack({
    apiUrl: new URL(`http://127.0.0.1:${port}/client/api`),
    apiKey: "k",
    secretKey: "s",
    requestTimeoutSeconds: 10,
    jobTimeoutSeconds: 10,
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const rows: Readonly<Record<string, z.ZodType>> = {
  listAccounts: answers.account,
  listFirewallRules: answers.firewallRule,
  listEgressFirewallRules: answers.firewallRule,
  listNetworkOfferings: answers.networkOffering,
  listNetworks: answers.network,
  listOsTypes: answers.osType,
  listPortForwardingRules: answers.portForwardingRule,
  listProjects: answers.project,
  listPublicIpAddresses: answers.publicAddress,
  listServiceOfferings: answers.serviceOffering,
  listSnapshots: answers.snapshot,
  listSSHKeyPairs: answers.keyPair,
  listTemplates: answers.template,
  listUserData: answers.userData,
  listVirtualMachines: answers.instance,
  listVMSnapshot: answers.instanceSnapshot,
  listVolumes: answers.volume,
  listZones: answers.zone,
};

/** By the code alone, whatever the text says. */
const kinds: Readonly<Record<number, FaultKind>> = {
  401: "keys",
  405: "foreign",
  414: "invalid",
  430: "invalid",
  431: "invalid",
  432: "permission",
  530: "internal",
  531: "permission",
  533: "capacity",
  535: "limit",
  537: "conflict",
};
/** Within a job 432 is an operation that cannot be done so, as a disk that would shrink; roles are judged before. */
const kindsInJobs: Readonly<Record<number, FaultKind>> = { ...kinds, 432: "invalid" };

const inner = ({ body }: Exchange) => Object.values(body as object)[0] as Record<string, unknown>;
const isJson = ({ headers }: Exchange) => /json/.test(headers["Content-Type"] ?? "");
const asked = exchanges.filter(({ params }) => params.command && params.command !== "login");
const good = asked.filter((exchange) => exchange.status === 200 && isJson(exchange));

function replay(exchange: Exchange) {
  current = exchange;
  const { command = "", response: _, apiKey: __, signature: ___, ...params } = exchange.params;
  return { command, params };
}

test.each(good.filter(({ params }) => params.command && params.command in rows))(
  "$name",
  async (exchange) => {
    const { command, params } = replay(exchange);
    const { page: _, pagesize: __, ...rest } = params;
    const wanted = (Object.values(inner(exchange)).find(Array.isArray) ?? []) as {
      id?: string;
      name: string;
    }[];
    const found = await cloud.list(
      command,
      rows[command] as z.ZodType<{ id?: string; name: string }>,
      rest,
      signal,
    );
    expect(found.map(({ id, name }) => id ?? name)).toEqual(wanted.map(({ id, name }) => id ?? name));
  },
);

const polls = good.filter(({ params }) => params.command === "queryAsyncJobResult");

test.each(polls)("$name", async (exchange) => {
  replay(exchange);
  const recorded = inner(exchange);
  const job = await cloud.job("j", signal);
  expect(job).toMatchObject({ jobid: recorded.jobid, jobstatus: recorded.jobstatus });
  expect(job?.jobinstanceid).toBe(recorded.jobinstanceid);
  if (recorded.jobstatus === 0) return;
  const outcome = await waitForJob(cloud, "command", "j", { signal, limitSeconds: 5 });
  if (recorded.jobstatus === 1) {
    expect(outcome).toEqual({ kind: "succeeded", result: recorded.jobresult });
  } else if (recorded.jobresult === undefined) {
    expect(outcome).toEqual({ kind: "lost" });
  } else {
    const { errorcode, errortext } = recorded.jobresult as { errorcode: number; errortext: string };
    expect(outcome).toMatchObject({
      kind: "failed",
      fault: { kind: kindsInJobs[errorcode], text: errortext },
    });
  }
});

const submitted = good.filter((exchange) => "jobid" in inner(exchange) && !polls.includes(exchange));

test.each(submitted)("$name", async (exchange) => {
  const { command, params } = replay(exchange);
  const { id, jobid } = inner(exchange);
  expect(await cloud.submit(command, params, signal)).toEqual({ id, jobId: jobid });
});

const refused = asked.filter((exchange) => exchange.status !== 200);

test.each(refused)("$name: $status", async (exchange) => {
  const { command, params } = replay(exchange);
  const failure = await cloud.call(command || "none", params, signal).then(
    () => undefined,
    (error) => error,
  );
  expect(failure).toBeInstanceOf(CloudFault);
  expect(failure.kind).toBe(kinds[exchange.status]);
  const text = isJson(exchange) ? inner(exchange).errortext : undefined;
  if (typeof text === "string") expect(failure.text).toBe(text);
});

const lists = good.filter(({ params }) => (params.command ?? "") in rows);
const others = good.filter((exchange) => ![...lists, ...polls, ...submitted].includes(exchange));

test.each(others)("$name", async (exchange) => {
  const { command, params } = replay(exchange);
  expect(await cloud.call(command, params, signal)).toEqual(inner(exchange));
});

test("what is left is what this client never asks for: XML", () => {
  const rest = asked.filter((exchange) => exchange.status === 200 && !isJson(exchange));
  for (const { params } of rest) expect(params.response).not.toBe("json");
  expect(good.length + refused.length + rest.length).toBe(asked.length);
});
