/** Templates from a URL and back to one, over the wire, without machines. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Fields, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;
let world: Json;
let server: Server;
let origin: string;
let image: Buffer;
/** Holds the second half of /slow.qcow2 back until it is called. */
let goOn: () => void = () => undefined;

beforeAll(async () => {
  client = await lab.up();
  world = await client.world();
  const { template } = await client.job("extractTemplate", extraction());
  image = Buffer.from(await (await fetch(template.url)).arrayBuffer());
  server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path.startsWith("/missing")) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Length": image.length });
    if (!path.startsWith("/slow")) return response.end(image);
    response.write(image.subarray(0, image.length / 2));
    goOn = () => response.end(image.subarray(image.length / 2));
    server.emit("slow");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await lab.end();
});

const extraction = () => ({ id: world.templateid, mode: "HTTP_DOWNLOAD", zoneid: world.zoneid });
const registration = (fields: Fields = {}): Fields => ({
  name: "from-url",
  url: `${origin}/image.qcow2`,
  format: "QCOW2",
  hypervisor: "KVM",
  ostypeid: world.ostypeid,
  zoneid: world.zoneid,
  ...fields,
});

async function register(fields: Fields = {}): Promise<Json> {
  const { template } = await client.call("registerTemplate", registration(fields));
  return template[0];
}

async function look(id: string): Promise<Json> {
  const { template } = await client.call("listTemplates", { templatefilter: "self", id });
  return template[0];
}

/** The row, once it says what is wanted. */
async function until(id: string, wanted: (row: Json) => boolean): Promise<Json> {
  for (;;) {
    const row = await look(id);
    if (wanted(row)) return row;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("an extracted template is a disk image under a URL that nobody can guess, and its end", async () => {
  expect(image.toString("latin1", 0, 4)).toBe("QFI\xfb");
  const { template } = await client.job("extractTemplate", extraction());
  expect(template).toMatchObject({
    id: world.templateid,
    state: "DOWNLOAD_URL_CREATED",
    zoneid: world.zoneid,
  });
  expect(template.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/userdata\/[0-9a-f-]{36}\.qcow2$/);
  const head = await fetch(template.url, { method: "HEAD" });
  expect(Number(head.headers.get("content-length"))).toBe(image.length);
  const { origin: endpoint } = new URL(template.url);
  for (const path of ["/userdata/", "/userdata/../keys.json", "/userdata/%2e%2e%2fkeys.json"]) {
    expect((await fetch(endpoint + path)).status, path).toBe(404);
  }
});

test("registered with its checksum it becomes ready, and instances are made of it", async () => {
  const checksum = `{SHA-256}${createHash("sha256").update(image).digest("hex")}`;
  const { id, isready } = await register({ checksum });
  expect(isready).toBe(false);
  const row = await until(id, ({ isready: ready }) => ready);
  expect(row).toMatchObject({
    status: "Download Complete",
    url: `${origin}/image.qcow2`,
    size: 2 * 1024 ** 3,
  });
  const instance = await client.deploy({ name: "of-url", templateid: id });
  expect(instance.templateid).toBe(id);
  await client.job("destroyVirtualMachine", { id: instance.id, expunge: true });
  await client.job("deleteTemplate", { id });
});

test("another checksum, a missing file, no image: it stays and says why, and can be deleted", async () => {
  const faults = [
    [{ checksum: `{MD5}${"0".repeat(32)}` }, /^corrupted checksum: expected 0{32}, calculated [0-9a-f]{32}$/],
    [{ url: `${origin}/missing.qcow2` }, /missing\.qcow2 answers HTTP 404$/],
    [{ url: `${origin}/image.qcow2.gz` }, /incorrect header check/],
  ] as const;
  for (const [fields, reason] of faults) {
    const { id } = await register(fields);
    const row = await until(id, ({ downloaddetails: [detail] }) => detail.downloadState === "DOWNLOAD_ERROR");
    expect(row.isready).toBe(false);
    expect(row.status).toMatch(reason);
    await client.job("deleteTemplate", { id });
  }
});

test("while it comes it says how far it is and cannot be deleted; a killed lab begins again", async () => {
  const { id } = await register({ url: `${origin}/slow.qcow2` });
  const row = await until(id, ({ status }) => /^[1-9]\d% Downloaded$/.test(status));
  expect(row.downloaddetails[0]).toMatchObject({ downloadState: "DOWNLOAD_IN_PROGRESS" });
  await expect(client.job("deleteTemplate", { id })).rejects.toThrow(/currently being downloaded/);
  await lab.kill();
  client = await lab.up();
  await until(id, ({ status }) => /^[1-9]\d% Downloaded$/.test(status));
  goOn();
  await until(id, ({ isready }) => isready);
  await client.job("deleteTemplate", { id });
});

test("by direct download it is ready at once, and a first instance waits for it", async () => {
  const asked = once(server, "slow");
  const { id } = await register({ url: `${origin}/slow.qcow2`, directdownload: true });
  expect(await look(id)).toMatchObject({ isready: true, status: "Bypassed Secondary Storage" });
  const { jobid } = await client.call("deployVirtualMachine", {
    ...world,
    templateid: id,
    ostypeid: undefined,
    name: "direct",
  });
  await asked;
  goOn();
  expect(await client.done(jobid)).toMatchObject({ jobstatus: 1 });
});

test("in all zones, or in two", async () => {
  const { template } = await client.call("registerTemplate", registration({ zoneid: "-1" }));
  expect(template).toHaveLength(2);
  const zones = template.map(({ zoneid }: Json) => zoneid).join(",");
  const both = registration({ zoneid: undefined, zoneids: zones });
  expect((await client.call("registerTemplate", both)).template).toHaveLength(2);
});

test("what cannot be registered is refused in the server's words", async () => {
  const refusals = [
    [{ url: "http://nohost.invalid/x.qcow2" }, "Unable to resolve nohost.invalid."],
    [{ url: "http://169.254.1.1/x.qcow2" }, "Illegal host specified in URL."],
    [
      { url: "http://127.0.0.1/x.vhd" },
      "Please specify a valid URL. URL:/x.vhd is an invalid for the format qcow2",
    ],
    [{ url: "file:///etc/shadow.qcow2" }, "Unsupported scheme for url: file:///etc/shadow.qcow2"],
    [{ zoneid: undefined }, "Either zoneid or zoneids is required. Both cannot be null."],
    [{ zoneids: "-1" }, "Both zoneid and zoneids cannot be specified at the same time"],
    [{ ostypeid: undefined }, "Please provide a guest OS type"],
    [{ format: "VHD" }, "The KVM hypervisor does not support the format VHD"],
    [{ checksum: "{CRC}00" }, "Checksum {CRC}00 is neither of MD5 nor SHA-1, SHA-256 or SHA-512"],
  ] as const;
  for (const [fields, text] of refusals) {
    await expect(client.call("registerTemplate", registration(fields)), text).rejects.toMatchObject({
      code: 431,
      message: text,
    });
  }
});
