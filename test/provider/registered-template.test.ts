/** What a download from a URL can end in, and the way back to a URL; over gRPC, against the lab's endpoint. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { engineFor, failureOf, type OwnEngine, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const urn = urnOf("cloudstack:index:RegisteredTemplate", "image");
const extractUrn = urnOf("cloudstack:index:TemplateExtract", "extract");
let cloud: Client;
let engine: OwnEngine;
let inputs: Wire;
let zones: string[];
const held: ServerResponse[] = [];

/** /held.raw is answered when the test lets it go. */
const server = createServer((request, response) => {
  if (request.url === "/missing.raw") response.writeHead(404).end();
  else if (request.url === "/held.raw") {
    held.push(response);
    server.emit("held");
  } else response.end("a disk");
});

beforeAll(async () => {
  cloud = await lab.up();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const { zone } = await cloud.call("listZones");
  zones = zone.map(({ id }: Json) => id);
  const { ostypeid } = await cloud.world();
  const url = `http://127.0.0.1:${port}/disk.raw`;
  inputs = {
    url,
    format: "RAW",
    hypervisor: "KVM",
    displayText: "an image",
    osTypeId: ostypeid,
    zoneIds: zones,
  };
  engine = await configured({});
});
afterEach(async () => {
  for (const response of held.splice(0)) response.end("a disk");
  for (const { id } of await templates()) await removed(id);
});
afterAll(async () => {
  engine.close();
  server.closeAllConnections();
  server.close();
  await lab.end();
});

async function configured(settings: Wire): Promise<OwnEngine> {
  const { url, apiKey, secretKey } = cloud.target;
  const each = await engineFor(provider);
  await each.configure({ apiUrl: url, apiKey, secretKey, ...settings }, "state");
  return each;
}

async function templates(): Promise<Json[]> {
  const { template = [] } = await cloud.call("listTemplates", { templatefilter: "self" });
  return template;
}

/** Also one that is still coming. */
async function removed(id: string): Promise<void> {
  for (;;) {
    const found = (await templates()).find((row) => row.id === id);
    if (!found) return;
    if (found.downloaddetails[0]?.downloadState !== "DOWNLOAD_IN_PROGRESS") break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await cloud.job("deleteTemplate", { id });
}

test("it is ready in all wanted zones, and has no detail that was not asked for", async () => {
  const { id, state } = await engine.create(urn, inputs);
  expect(state).toMatchObject({ ready: true, size: 6, zoneIds: zones });
  const rows = await templates();
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatchObject({ id, isready: true, details: {} });
});

test.each([
  ["missing.raw", {}, /answers HTTP 404/],
  ["disk.raw", { checksum: `{SHA-256}${"0".repeat(64)}` }, /corrupted checksum/],
])("%s with %j: the cloud's reason, and no template", async (image, more, reason) => {
  const url = String(inputs.url).replace("disk.raw", image);
  const failure = await failureOf(engine.create(urn, { ...inputs, ...more, url }));
  expect(failure.text).toMatch(/the template was not fetched/);
  expect(failure.text).toMatch(reason);
  expect(failure.partial).toBeUndefined();
  expect(await templates()).toEqual([]);
});

test("when the time is over it stays in the state, and the next update waits for it", async () => {
  const url = String(inputs.url).replace("disk.raw", "held.raw");
  const hurried = await configured({ jobTimeoutSeconds: 1 });
  const failure = await failureOf(hurried.create(urn, { ...inputs, url }));
  hurried.close();
  expect(failure.text).toMatch(/it goes on in the cloud/);
  const id = failure.partial?.id ?? "";
  expect((await templates()).map((row) => row.id)).toEqual([id, id]);
  const old = { inputs: { ...inputs, url }, state: failure.partial?.properties ?? {} };
  const updating = engine.update(urn, id, old, { ...inputs, url });
  for (const response of held.splice(0)) response.end("a disk");
  expect(await updating).toMatchObject({ ready: true, size: 6 });
  expect(await templates()).toHaveLength(2);
});

test("one that is still coming is removed when it has come", async () => {
  const url = String(inputs.url).replace("disk.raw", "held.raw");
  const hurried = await configured({ jobTimeoutSeconds: 1 });
  const failure = await failureOf(hurried.create(urn, { ...inputs, url }));
  hurried.close();
  const removing = engine.delete(urn, failure.partial?.id ?? "", failure.partial?.properties ?? {}, {
    ...inputs,
    url,
  });
  for (const response of held.splice(0)) response.end("a disk");
  await removing;
  expect(await templates()).toEqual([]);
});

test("delete protection and instances that stand on it keep it, force does not ask", async () => {
  const { id, state } = await engine.create(urn, inputs);
  const kept = await failureOf(engine.delete(urn, id, { ...state, deleteProtection: true }, inputs));
  expect(kept.text).toContain("it has delete protection");
  const instance = await cloud.deploy({ name: "user", templateid: id });
  const refused = await failureOf(engine.delete(urn, id, state, inputs));
  expect(refused.text).toContain("remove the instances that are made from it first, or set forceDelete");
  await engine.delete(urn, id, { ...state, forceDelete: true }, inputs);
  expect(await templates()).toEqual([]);
  await cloud.job("destroyVirtualMachine", { id: instance.id, expunge: true });
});

test("a URL of its disk image: secret, found as long as the file is there, made anew when it is gone", async () => {
  const { id: templateId } = await engine.create(urn, inputs);
  const [zoneId = ""] = zones;
  const extract = { templateId, zoneId };
  const { id, state } = await engine.create(extractUrn, extract);
  const url = String((state.url as Wire).value);
  expect((await fetch(url)).status).toBe(200);
  const known = { inputs: extract, state };
  expect((await engine.read(extractUrn, id, known)).id).toBe(id);
  const expired = { ...state, url: url.replace(/[0-9a-f]{8}/, "00000000") };
  expect((await engine.read(extractUrn, id, { inputs: extract, state: expired })).id).toBe("");
  const elsewhere = { ...state, url: "http://127.0.0.1:1/x.qcow2" };
  expect((await engine.read(extractUrn, id, { inputs: extract, state: elsewhere })).id).toBe(id);
  await engine.delete(extractUrn, id, state, extract);
  expect((await failureOf(engine.read(extractUrn, id))).text).toContain("cannot be imported");
});
