/** Networks of each kind, over gRPC, against the lab's endpoint. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import type { Client } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { engineFor, failureOf, type OwnEngine, urnOf, type Wire } from "./support/engine.ts";

const lab = new LabProcess("none");
const urn = urnOf("cloudstack:index:Network", "net");
let cloud: Client;
let engine: OwnEngine;

beforeAll(async () => {
  cloud = await lab.up();
  const { url, apiKey, secretKey } = cloud.target;
  engine = await engineFor(provider);
  await engine.configure({ apiUrl: url, apiKey, secretKey }, "state");
});
afterAll(async () => {
  engine.close();
  await lab.end();
});

async function inputsOf(offering: string, more: Wire = {}): Promise<Wire> {
  const { networkoffering } = await cloud.call("listNetworkOfferings", { name: offering });
  return { zoneId: (await cloud.world()).zoneid, networkOfferingId: networkoffering[0].id, ...more };
}

test.each([
  [
    "Isolated",
    "DefaultIsolatedNetworkOfferingWithSourceNatService",
    { gateway: "10.7.0.1", netmask: "255.255.255.0" },
  ],
  [
    "Shared",
    "DefaultSharedNetworkOffering",
    { gateway: "10.8.0.1", netmask: "255.255.255.0", startIp: "10.8.0.10", endIp: "10.8.0.200" },
  ],
  ["L2", "DefaultL2NetworkOffering", {}],
])(
  "%s: made, found unchanged, imported without a difference that replaces, and removed",
  async (type, offering, more) => {
    const inputs = await inputsOf(offering, more);
    const { id, state } = await engine.create(urn, inputs);
    expect(state).toMatchObject({ ...inputs, type });
    const seen = await engine.read(urn, id, { inputs, state });
    const known = { inputs: seen.inputs, state: seen.state };
    expect(await engine.diff(urn, id, known, inputs)).toMatchObject({ changes: false });
    const imported = await engine.read(urn, id);
    const theirs = { inputs: imported.inputs, state: imported.state };
    expect(await engine.diff(urn, id, theirs, inputs)).toMatchObject({ changes: false });
    await engine.delete(urn, id, state, inputs);
    expect((await engine.read(urn, id, { inputs, state })).id).toBe("");
  },
);

test("a shared network without addresses is refused with the cloud's reason", async () => {
  const failure = await failureOf(engine.create(urn, await inputsOf("DefaultSharedNetworkOffering")));
  expect(failure.text).toContain("gateway/netmask are required when create network of type Shared");
});

test("a display text that somebody chose stays where the program says none, and the name's follows the name", async () => {
  const inputs = await inputsOf("DefaultL2NetworkOffering", { name: "first" });
  const { id, state } = await engine.create(urn, inputs);
  expect(state.displayText).toBe("first");
  const renamed = await engine.update(urn, id, { inputs, state }, { ...inputs, name: "second" });
  expect(renamed).toMatchObject({ name: "second", displayText: "second" });
  await cloud.job("updateNetwork", { id, displaytext: "Theirs" });
  const now = { ...inputs, name: "second" };
  const seen = await engine.read(urn, id, { inputs: now, state: renamed });
  const news = { ...now, tags: { team: "one" } };
  const tagged = await engine.update(urn, id, { inputs: now, state: seen.state }, news);
  expect(tagged).toMatchObject({ displayText: "Theirs" });
  await engine.delete(urn, id, tagged, news);
});

test("an imported address is not replaced for a zone or a network that the program says as they are", async () => {
  const address = urnOf("cloudstack:index:PublicIpAddress", "one");
  const given = await inputsOf("DefaultIsolatedNetworkOfferingWithSourceNatService");
  const { id: networkId, state } = await engine.create(urn, given);
  const inputs = { networkId, zoneId: given.zoneId };
  const made = await engine.create(address, inputs);
  const imported = await engine.read(address, made.id);
  const known = { inputs: imported.inputs, state: imported.state };
  expect(await engine.diff(address, made.id, known, inputs)).toMatchObject({ changes: false });
  expect(await engine.diff(address, made.id, known, { networkId })).toMatchObject({ changes: false });
  await engine.delete(address, made.id, made.state, inputs);
  await engine.delete(urn, networkId, state, given);
});
