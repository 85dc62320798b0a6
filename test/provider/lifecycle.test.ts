/** The life of every resource against the lab's endpoint with machines that are rows only, faults included. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { commandsOf } from "../../providers/cloudstack/preflight.ts";
import { provider } from "../../providers/cloudstack/provider.ts";
import { fingerprintOf } from "../../providers/cloudstack/resources/ssh-key-pair.ts";
import type { Client } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { lifecycleSuite } from "./lifecycle/suite.ts";
import { table } from "./lifecycle/table.ts";
import { rowsOf, testPrefix } from "./lifecycle/world.ts";
import { Door } from "./support/door.ts";
import { engineFor, type OwnEngine, secret, urnOf, type Wire } from "./support/engine.ts";

/** Has every image that is asked for. */
const images = createServer((_, response) => {
  response.end("a disk");
});
const lab = new LabProcess("none");
let cloud: Client;
let door: Door;
/** Resource -> commands that its tests have asked for. */
const asked = new Map<string, Set<string>>();
afterEach(({ task }) => {
  const kind = task.suite?.name ?? "";
  if (!(kind in table)) return;
  const commands = asked.get(kind) ?? new Set();
  for (const command of door.commands) if (command !== null) commands.add(command);
  asked.set(kind, commands);
  door.reset();
});
afterAll(async () => {
  door.close();
  images.close();
  await lab.end();
});

const untried = lifecycleSuite(async () => {
  await once(images.listen(0, "127.0.0.1"), "listening");
  cloud = await lab.up();
  door = await Door.before(cloud.target);
  const { port } = images.address() as AddressInfo;
  return {
    cloud,
    control: lab.control,
    door,
    wishes: { CLOUDSTACK_TEST_TEMPLATE_URL: `http://127.0.0.1:${port}/disk.raw` },
    jobTimeoutSeconds: 20,
    without: new Set<string>(),
  };
});

test("in the lab there is nothing that cannot be tried, and every resource has its line", () => {
  expect(untried).toEqual({});
  const names = provider.resources.map(({ token }) => token.split(":").at(-1));
  // A download URL is no object of the cloud: it has a test of its own.
  expect(names.filter((name) => name !== "TemplateExtract").sort()).toEqual(Object.keys(table).sort());
});

test("the preflight knows every command that a resource asks for in its life", () => {
  const always = ["listApis", "queryAsyncJobResult"];
  for (const [kind, commands] of asked) {
    const known = [...commandsOf(kind), ...always];
    expect(
      [...commands].filter((command) => !known.includes(command)),
      kind,
    ).toEqual([]);
  }
  expect(asked.size).toBe(Object.keys(table).length);
});

describe("SshKeyPair that CloudStack makes", () => {
  const urn = urnOf("cloudstack:index:SshKeyPair", `${testPrefix}made`);
  const engines: OwnEngine[] = [];
  afterEach(async () => {
    for (const each of engines.splice(0)) each.close();
    for (const { name } of await rowsOf(cloud, "listSSHKeyPairs"))
      await cloud.call("deleteSSHKeyPair", { name });
  });

  async function fresh(): Promise<OwnEngine> {
    const each = await engineFor(provider);
    engines.push(each);
    const { url, apiKey, secretKey } = cloud.target;
    await each.configure({ apiUrl: url, apiKey, secretKey }, "provider-of-this-state");
    return each;
  }

  test("its private key is a secret output that fits its public key, and stays after a refresh", async () => {
    const each = await fresh();
    const { id, state } = await each.create(urn, {});
    const privateKey = (state.privateKey as Wire).value;
    expect(state.privateKey).toEqual(secret(expect.stringContaining("PRIVATE KEY")));
    const [row] = await rowsOf(cloud, "listSSHKeyPairs");
    expect(fingerprintOf(String(state.publicKey))).toBe(row.fingerprint);
    const seen = await each.read(urn, id, { inputs: {}, state });
    expect(seen.state.privateKey).toEqual(secret(privateKey));
    expect((await each.diff(urn, id, { inputs: {}, state: seen.state }, {})).changes).toBe(false);
  });

  test("another key that somebody registered under its name is seen, and replaces", async () => {
    const each = await fresh();
    const keys = [
      "G5JF1CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm",
      "G5JF2CQ6qGwKY1tScki0HS7IL8q7f42pMRqqVzXlDDm",
    ];
    const [ours, theirs] = keys.map((key) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${key} x`);
    const inputs = { publicKey: ours };
    const { id, state } = await each.create(urn, inputs);
    await cloud.call("deleteSSHKeyPair", { name: id });
    await cloud.call("registerSSHKeyPair", { name: id, publickey: theirs ?? "" }, "POST");
    const seen = await each.read(urn, id, { inputs, state });
    const found = { inputs: seen.inputs, state: seen.state };
    expect((await each.diff(urn, id, found, inputs)).replaces).toEqual(["publicKey"]);
  });

  test("killed before it was written down, it is made anew: its private key is lost", async () => {
    const cut = await fresh();
    const first = await cut.create(urn, {});
    cut.close();
    const second = await (await fresh()).create(urn, {});
    expect(second.id).toBe(first.id);
    expect(second.state.privateKey).not.toEqual(first.state.privateKey);
    expect(await rowsOf(cloud, "listSSHKeyPairs")).toHaveLength(1);
  });
});
