/** The client on its way to the server: limits, certificates, and what a key may call. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as answers from "../../providers/cloudstack/client/answers.ts";
import { CloudStack } from "../../providers/cloudstack/client/client.ts";
import { isFault } from "../../providers/cloudstack/client/faults.ts";
import { growingPauses, waitForJob } from "../../providers/cloudstack/client/jobs.ts";
import { limited } from "../../providers/cloudstack/client/limits.ts";
import { httpTransport, NetworkError, type Transport } from "../../providers/cloudstack/client/transport.ts";
import { provider } from "../../providers/cloudstack/provider.ts";
import { problemOf } from "../../providers/cloudstack/resources/problems.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { table } from "./lifecycle/table.ts";
import type { World } from "./lifecycle/world.ts";
import { Door } from "./support/door.ts";
import { engineFor, failureOf, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const folder = mkdtempSync(join(tmpdir(), "client-"));
let cloud: Client;

beforeAll(async () => {
  cloud = await lab.up();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab.end();
});

const { signal } = new AbortController();
const settings = () => ({
  apiUrl: new URL(cloud.target.url),
  apiKey: cloud.target.apiKey,
  secretKey: cloud.target.secretKey,
  requestTimeoutSeconds: 10,
  jobTimeoutSeconds: 10,
});

/** Counts what is under way, and holds each request until it is let go. */
function held() {
  const open: (() => void)[] = [];
  const transport: Transport = {
    send: () => new Promise((resolve) => open.push(() => resolve({ status: 200, headers: {}, body: "{}" }))),
  };
  return { open, transport };
}

const asked = { method: "GET" as const, form: "", timeout: 1000, signal };

test("no more requests are under way than the limit says, and the others come in their turn", async () => {
  const { open, transport } = held();
  const few = limited(transport, { concurrent: 2, perSecond: undefined });
  const all = Promise.all([1, 2, 3, 4, 5].map(() => few.send(asked)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(open).toHaveLength(2);
  for (let done = 0; done < 5; done++) {
    open[done]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(open).toHaveLength(Math.min(5, done + 3));
  }
  await all;
});

test("the place of one that is done goes to the next one, whoever comes in the same moment", async () => {
  for (let moment = 0; moment < 10; moment++) {
    const { open, transport } = held();
    const one = limited(transport, { concurrent: 1, perSecond: undefined });
    const sent = [one.send(asked), one.send(asked)];
    await new Promise((resolve) => setImmediate(resolve));
    open[0]?.();
    for (let turn = 0; turn < moment; turn++) await undefined;
    sent.push(one.send(asked));
    await new Promise((resolve) => setImmediate(resolve));
    expect(open).toHaveLength(2);
    for (const next of [1, 2]) {
      open[next]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sent);
  }
});

test("a connection that nobody has used for a while is given up before somebody on the way forgets it", async () => {
  // Never the first to give up, and slower with each answer than a connection may be without use.
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => {
    setTimeout(() => response.end("{}"), 300);
  });
  const connections: Socket[] = [];
  server.on("connection", (socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/client/api`);
  const transport = httpTransport(url, undefined, 200);
  await transport.send(asked);
  await transport.send(asked);
  expect(connections).toHaveLength(1);
  const [used] = connections;
  if (used && !used.destroyed) await new Promise((resolve) => used.once("close", resolve));
  await transport.send(asked);
  expect(connections).toHaveLength(2);
  server.closeAllConnections();
  server.close();
});

test("requests of a second are spread over it", async () => {
  const begun: number[] = [];
  const transport: Transport = {
    async send() {
      begun.push(performance.now());
      return { status: 200, headers: {}, body: "{}" };
    },
  };
  const slow = limited(transport, { concurrent: 10, perSecond: 20 });
  await Promise.all([1, 2, 3, 4].map(() => slow.send(asked)));
  expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(145);
});

test("a request that is given up while it waits for its turn leaves its place", async () => {
  const { open, transport } = held();
  const paced = limited(transport, { concurrent: 5, perSecond: 1 });
  const first = paced.send(asked);
  const gone = new AbortController();
  const second = paced.send({ ...asked, signal: gone.signal });
  await new Promise((resolve) => setImmediate(resolve));
  gone.abort(new Error("cancelled"));
  await expect(second).rejects.toThrow();
  open[0]?.();
  await first;
});

/** @returns how often it was asked, and how that ended */
async function triedWith(command: string, ...answers: (number | string)[]): Promise<[number, string]> {
  let asked = 0;
  const transport: Transport = {
    async send() {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (typeof answer === "string") throw new NetworkError(answer, answer, undefined);
      const body = JSON.stringify({ answer: { errorcode: answer, errortext: "no" } });
      return { status: answer ?? 0, headers: {}, body };
    },
  };
  const client = new CloudStack({ ...settings(), transport });
  const end = await client.call(command, {}, signal).then(
    () => "done",
    (error: unknown) => (isFault(error) ? error.kind : String(error)),
  );
  return [asked, end];
}

test("a request is sent again where it cannot have been carried out, reading also after a broken line, and no other", async () => {
  const [make, list] = ["createNetwork", "listNetworks"];
  const expected: [Promise<[number, string]>, [number, string]][] = [
    [triedWith(make, 429, 429, 200), [3, "done"]],
    [triedWith(make, 503, 200), [2, "done"]],
    [triedWith(make, 503), [4, "unavailable"]],
    [triedWith(make, "ECONNREFUSED", 200), [2, "done"]],
    [triedWith(make, "ECONNRESET", 200), [1, "unreachable"]],
    [triedWith(make, "TIMEOUT", 200), [1, "unreachable"]],
    [triedWith(list, "ECONNRESET", "EPIPE", 200), [3, "done"]],
    [triedWith(list, "TIMEOUT", 200), [1, "unreachable"]],
    ...[431, 530, 531, 532, 533, 534, 535, 536, 537].flatMap((code) =>
      [make, list].map((command): [Promise<[number, string]>, [number, string]] => [
        triedWith(command, code, 200),
        [1, expect.any(String)],
      ]),
    ),
  ];
  for (const [tried, wanted] of expected) expect(await tried).toEqual(wanted);
});

/** A proxy that sees no more of TLS than where it goes; it leads to one port whatever is asked for. */
async function tunnel(port: number) {
  const asked: string[] = [];
  const proxy = createServer().on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url, asked, close: () => proxy.close() };
}

test("a certificate that nobody vouches for is refused, and one of the given authority counts", async () => {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      certificate,
      ...subject,
    ],
    { stdio: "ignore" },
  );
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) =>
    response.end('{"listcapabilitiesresponse":{"capability":{}}}'),
  ).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const apiUrl = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/client/api`);
  try {
    const strange = new CloudStack({ ...settings(), apiUrl });
    const failure = await strange.call("listCapabilities", {}, signal).catch((error: unknown) => error);
    expect(isFault(failure, "certificate")).toBe(true);
    expect(String(failure)).toContain("self-signed certificate");
    const problem = problemOf(strange, { what: "w", object: "o" }, failure);
    expect(String(problem)).toContain("CLOUDSTACK_CA_FILE");
    const known = new CloudStack({ ...settings(), apiUrl, authority: readFileSync(certificate, "utf8") });
    expect(await known.call("listCapabilities", {}, signal)).toEqual({ capability: {} });
    const through = await tunnel((server.address() as AddressInfo).port);
    const before = { ...process.env };
    Object.assign(process.env, { HTTPS_PROXY: through.url, NO_PROXY: "" });
    const behind = new CloudStack({ ...settings(), apiUrl, authority: readFileSync(certificate, "utf8") });
    process.env = before;
    expect(await behind.call("listCapabilities", {}, signal)).toEqual({ capability: {} });
    expect(through.asked).toEqual([apiUrl.host]);
    through.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a certificate file that is not there is named before anything is asked", async () => {
  const engine = await engineFor(provider);
  const { url, apiKey, secretKey } = cloud.target;
  const missing = join(folder, "none.pem");
  const { text } = await failureOf(engine.configure({ apiUrl: url, apiKey, secretKey, caFile: missing }));
  engine.close();
  expect(text).toContain(`the certificate authority cannot be read: ${missing}`);
});

/** The lab, but for commands that its answer to listApis leaves out. */
async function without(commands: readonly string[]): Promise<Door> {
  const door = await Door.before(cloud.target);
  door.trap = {
    change(_, { listapisresponse: list }) {
      if (list) list.api = list.api.filter(({ name }: Json) => !commands.includes(name));
    },
  };
  return door;
}

test("what the key's role lacks is named before anything is made, all of it at once", async () => {
  const door = await without(["createNetwork", "deleteNetwork", "scaleVirtualMachine", "resizeVolume"]);
  const engine = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await engine.configure({ apiUrl: door.url, apiKey, secretKey });
  const urn = urnOf("cloudstack:index:Network", "net");
  const news = { zoneId: "z", networkOfferingId: "o" };
  const { text } = await failureOf(engine.check(urn, news));
  expect(text).toContain("this key cannot manage a Network");
  expect(text).toContain("createNetwork, deleteNetwork");
  expect(text).not.toContain("besides");
  // What is there already is not asked again.
  expect((await engine.check(urn, news, news)).faults).toEqual({});
  const pair = urnOf("cloudstack:index:AffinityGroup", "group");
  expect((await engine.check(pair, { type: "host affinity" })).faults).toEqual({});
  // An instance can be made without, and not be changed in this way.
  const instance = urnOf("cloudstack:index:Instance", "one");
  const given = { zoneId: "z", templateId: "t", serviceOfferingId: "s", networkIds: ["n"], rootDiskSize: 8 };
  expect((await engine.check(instance, given)).faults).toEqual({});
  expect((await engine.check(instance, { ...given, displayName: "d" }, given)).faults).toEqual({});
  const changed = { ...given, serviceOfferingId: "s2", rootDiskSize: 9 };
  const refused = await failureOf(engine.check(instance, changed, given));
  expect(refused.text).toContain("scaleVirtualMachine, resizeVolume");
  engine.close();
  door.close();
});

test("what other resources would lack is told with the first one, and what an update or a wish needs", async () => {
  const gone = [
    "createVolume",
    "deployVirtualMachine",
    "createVMSnapshot",
    "createSSHKeyPair",
    "extractTemplate",
    "updateTemplate",
  ];
  const door = await without(gone);
  const engine = await engineFor(provider);
  const { apiKey, secretKey } = cloud.target;
  await engine.configure({ apiUrl: door.url, apiKey, secretKey });
  const asked = async (kind: string, news: Wire, olds?: Wire) =>
    (await failureOf(engine.check(urnOf(`cloudstack:index:${kind}`, "one"), news, olds))).text;
  const text = await asked("Volume", { zoneId: "z", diskOfferingId: "d" });
  expect(text).toMatch(
    /has not: createVolume; besides, .*an Instance lacks deployVirtualMachine;.*createVMSnapshot.*createSSHKeyPair/u,
  );
  const copy = { templateId: "t", zoneId: "z" };
  expect(await asked("TemplateExtract", copy)).toContain("has not: extractTemplate; besides");
  const template = { snapshotId: "s", displayText: "d", osTypeId: "o" };
  expect(await asked("Template", { ...template, searchRequired: true })).toContain(
    "has not: updateTemplate, extractTemplate;",
  );
  expect(await asked("Template", { ...template, searchRequired: false })).toContain(
    "has not: updateTemplate;",
  );
  expect(await asked("Template", { ...template, displayText: "e" }, template)).toContain("updateTemplate");
  engine.close();
  door.close();
});

test("an endpoint that is down, or wrong keys, are told as such when a program asks nothing else first", async () => {
  const engine = await engineFor(provider);
  const [urn, news] = [urnOf("cloudstack:index:AffinityGroup", "group"), { type: "host affinity" }];
  const { url, apiKey } = cloud.target;
  await engine.configure({ apiUrl: "http://127.0.0.1:9/client/api", apiKey, secretKey: "s" });
  const down = await failureOf(engine.check(urn, news));
  expect(down.text).toMatch(
    /^cannot tell what this key may call: 127\.0\.0\.1:9\n {2}because: .*ECONNREFUSED/u,
  );
  expect(down.text).not.toMatch(/^\s+at /mu);
  engine.close();
  const other = await engineFor(provider);
  await other.configure({ apiUrl: url, apiKey, secretKey: "wrong" });
  expect((await failureOf(other.check(urn, news))).text).toContain("next:    check CLOUDSTACK_API_KEY");
  other.close();
});

test("whatever is done while the cloud is away, the cloud is blamed, and no line of code", async () => {
  const away = { apiUrl: "http://127.0.0.1:9/client/api", apiKey: "k", secretKey: "s" };
  const anywhere = new Proxy({} as World, { get: () => "https://example.org/x.qcow2" });
  const lines = [
    ...Object.entries(table).map(([kind, line]): [string, Wire] => [kind, line.inputs(anywhere)]),
    ["TemplateExtract", { templateId: "t", zoneId: "z" }] as const,
  ];
  const told = lines.map(async ([kind, inputs]) => {
    const engine = await engineFor(provider);
    await engine.configure(away);
    const urn = urnOf(`cloudstack:index:${kind}`, "one");
    const state = { ...inputs, url: "http://127.0.0.1:9/image", name: "one", ready: true };
    const news = { ...inputs, displayName: "two", tags: { a: "b" } };
    const id = kind === "TemplateCopy" ? "t/z/y" : "id";
    const calls = [
      engine.check(urn, inputs),
      engine.create(urn, inputs),
      engine.read(urn, id, { inputs, state }),
      engine.update(urn, id, { inputs, state }, news),
      engine.delete(urn, id, state, inputs),
    ];
    const ended = await Promise.allSettled(calls);
    engine.close();
    return ended.flatMap((end) => (end.status === "rejected" ? [`${kind}: ${end.reason.details}`] : []));
  });
  for (const text of (await Promise.all(told)).flat()) {
    expect(text).toMatch(/ECONNREFUSED/u);
    expect(text).not.toMatch(/^\s+at /mu);
  }
});

test("every resource's needs are known, and the lab has them all", async () => {
  const engine = await engineFor(provider);
  const { url, apiKey, secretKey } = cloud.target;
  await engine.configure({ apiUrl: url, apiKey, secretKey });
  const { resources = {} } = await engine.schema();
  for (const [token, { requiredInputs = [] }] of Object.entries(resources)) {
    const unknown = Object.fromEntries(
      requiredInputs.map((name) => [name, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"]),
    );
    await engine.check(urnOf(token, "any"), unknown);
  }
  const { missing } = await engine.invoke("cloudstack:index:getApis", {
    names: ["createNetwork", "createMoon"],
  });
  expect(missing).toEqual(["createMoon"]);
  engine.close();
});

test("a gateway that answers in the server's place after a submit: the job is looked for, and not asked for twice", async () => {
  const door = await Door.before(cloud.target);
  let left = 1;
  door.trap = {
    spoil(asked, response) {
      if (asked.get("command") !== "createAffinityGroup" || left-- <= 0) return false;
      response.writeHead(504, { "content-type": "text/html" }).end("<html>Gateway Time-out</html>");
      return true;
    },
  };
  const client = new CloudStack({ ...settings(), apiUrl: new URL(door.url) });
  const group = { name: "behind-a-gateway", type: "host anti-affinity" };
  const { jobId } = await client.submit("createAffinityGroup", group, signal);
  const outcome = await waitForJob(client, "createAffinityGroup", jobId, { signal, limitSeconds: 10 });
  expect(outcome.kind).toBe("succeeded");
  expect(door.count("createAffinityGroup")).toBe(1);
  // What was not begun is told as what cannot be reached, and reading is not tried again for it.
  left = Number.POSITIVE_INFINITY;
  door.reset();
  door.trap = {
    spoil: (_, response) => {
      response.writeHead(502).end("Bad Gateway");
      return true;
    },
  };
  const failure = await client.call("listZones", {}, signal).catch((error: unknown) => error);
  expect(isFault(failure, "unreachable")).toBe(true);
  expect(String(failure)).toContain("HTTP 502: Bad Gateway");
  expect(door.commands).toEqual(["listZones"]);
  door.close();
});

test("what carries a secret, or is long, goes in the body; reading goes in the address", async () => {
  const door = await Door.before(cloud.target);
  const client = new CloudStack({ ...settings(), apiUrl: new URL(door.url) });
  const secret = Buffer.from("#cloud-config with a password\n".repeat(200)).toString("base64");
  await client.call("registerUserData", { name: "secret", userdata: secret }, signal);
  await client.call("listUserData", { name: "secret" }, signal);
  await client.call("listUserData", { keyword: "k".repeat(3000) }, signal).catch(() => undefined);
  expect(door.asked.map(({ method }) => method)).toEqual(["POST", "GET", "POST"]);
  door.close();
});

test("a proxy of the environment is gone through, unless the host is excepted", async () => {
  const through: string[] = [];
  const proxy = createServer((request, response) => {
    through.push(request.url ?? "");
    response.end('{"listcapabilitiesresponse":{"capability":{"by":"proxy"}}}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => proxy.once("listening", resolve));
  const { port } = proxy.address() as AddressInfo;
  const before = { ...process.env };
  try {
    Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "" });
    const apiUrl = new URL("http://cloud.test/client/api");
    const behind = new CloudStack({ ...settings(), apiUrl });
    expect(await behind.call("listCapabilities", {}, signal)).toEqual({ capability: { by: "proxy" } });
    expect(through).toEqual([expect.stringMatching(/^http:\/\/cloud\.test\/client\/api\?/u)]);
    process.env.NO_PROXY = "127.0.0.1";
    await new CloudStack(settings()).call("listZones", {}, signal);
    expect(through).toHaveLength(1);
  } finally {
    process.env = before;
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("a refusal within a job is no matter of the role, though it has the role's code", async () => {
  const client = new CloudStack(settings());
  const { zoneid } = await cloud.world();
  const { diskoffering } = await cloud.call("listDiskOfferings", { name: "Custom" });
  const volume = { name: "v", zoneid, diskofferingid: diskoffering[0].id, size: 5 };
  const { id } = (await cloud.job("createVolume", volume)).volume;
  const { jobId } = await client.submit("resizeVolume", { id, size: "2" }, signal);
  const outcome = await waitForJob(client, "resizeVolume", jobId, { signal, limitSeconds: 10 });
  expect(outcome).toMatchObject({ kind: "failed", fault: { code: 432, kind: "invalid" } });
  await cloud.call("deleteVolume", { id });
});

test("one tag that is none does not lose the others", () => {
  const { tags } = answers.volume.parse({ id: 1, tags: [{ value: "x" }, "odd", { key: "a", value: "b" }] });
  expect(tags).toEqual([{ key: "a", value: "b" }]);
});

test("the first look at a job comes when jobs of its kind have been done so far", async () => {
  const pauses: number[] = [];
  for (const pause of growingPauses(10_000)) {
    pauses.push(Math.round(pause));
    if (pauses.length === 3) break;
  }
  expect(pauses).toEqual([5000, 2500, 3500]);
  const [first] = growingPauses();
  expect(first).toBe(50);
});

test("a file without a certificate is refused as such", async () => {
  const engine = await engineFor(provider);
  const { url, apiKey, secretKey } = cloud.target;
  const empty = join(folder, "empty.pem");
  writeFileSync(empty, "no certificate\n");
  const { text } = await failureOf(engine.configure({ apiUrl: url, apiKey, secretKey, caFile: empty }));
  engine.close();
  expect(text).toContain("it holds no certificate");
});
