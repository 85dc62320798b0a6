/** The client on its way to the server: limits, certificates, and what a key may call. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CloudStack } from "../../providers/cloudstack/client/client.ts";
import { isFault } from "../../providers/cloudstack/client/faults.ts";
import { limited } from "../../providers/cloudstack/client/limits.ts";
import type { Transport } from "../../providers/cloudstack/client/transport.ts";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Door } from "./support/door.ts";
import { engineFor, failureOf, urnOf } from "./support/engine.ts";

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
    expect(isFault(failure, "unreachable")).toBe(true);
    expect(String(failure)).toContain("self-signed certificate");
    const known = new CloudStack({ ...settings(), apiUrl, authority: readFileSync(certificate, "utf8") });
    expect(await known.call("listCapabilities", {}, signal)).toEqual({ capability: {} });
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
