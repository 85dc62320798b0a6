/** What is a difference and what is none, over gRPC; nothing is asked of a cloud for it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { provider } from "../../providers/cloudstack/provider.ts";
import { engineFor, type OwnEngine, urnOf, type Wire } from "./support/engine.ts";

let engine: OwnEngine;
beforeAll(async () => {
  engine = await engineFor(provider);
  await engine.configure({ apiUrl: "http://127.0.0.1:9/client/api", apiKey: "k", secretKey: "s" }, "state");
});
afterAll(() => engine.close());

async function moved(kind: string, inputs: Wire, changes: Wire) {
  const state = { ...inputs, name: "n", actualState: "Running" };
  const urn = urnOf(`cloudstack:index:${kind}`, "thing");
  return engine.diff(urn, "1", { inputs, state }, { ...inputs, ...changes });
}

const networks = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"];
const place = { zoneId: "z", templateId: "t", serviceOfferingId: "s" };
const rule = { protocol: "tcp", startPort: 22, endPort: 22 };

/** Lists whose order means nothing. */
const sets: [kind: string, inputs: Wire, property: string][] = [
  ["FirewallRule", { ipAddressId: "a", ...rule, cidrs: networks }, "cidrs"],
  ["EgressFirewallRule", { networkId: "n", ...rule, destinationCidrs: networks }, "destinationCidrs"],
  ["PortForwardingRule", { ipAddressId: "a", protocol: "tcp", publicPort: 1, cidrs: networks }, "cidrs"],
  ["Instance", { ...place, networkIds: ["n"], securityGroupIds: ["a", "b", "c"] }, "securityGroupIds"],
  ["Instance", { ...place, networkIds: ["n"], affinityGroupIds: ["a", "b", "c"] }, "affinityGroupIds"],
  ["Instance", { ...place, networkIds: ["n"], keyPairs: ["a", "b", "c"] }, "keyPairs"],
  ["RegisteredTemplate", { url: "u", format: "RAW", zoneIds: ["a", "b", "c"] }, "zoneIds"],
  ["SecurityGroup", { ingress: networks.map((cidr) => ({ ...rule, cidrs: [cidr] })), egress: [] }, "ingress"],
  ["SecurityGroup", { ingress: [{ ...rule, cidrs: networks }], egress: [] }, "ingress[0].cidrs"],
  ["TemplateCopy", { templateId: "t", sourceZoneId: "s", zoneIds: ["a", "b", "c"] }, "zoneIds"],
  ["TemplatePermissions", { templateId: "t", accounts: ["a", "b", "c"] }, "accounts"],
  ["TemplatePermissions", { templateId: "t", projectIds: ["a", "b", "c"] }, "projectIds"],
  ["UserData", { content: "c", params: ["a", "b", "c"] }, "params"],
];

test.each(sets)(
  "%s %j: the order of %s means nothing, and what is in it does",
  async (kind, inputs, path) => {
    const [property = "", ...inner] = path.split(/[[\].]+/u);
    const other = structuredClone(inputs);
    const holder = inner.length > 0 ? (other[property] as Wire[])[0] : other;
    const name = inner.at(-1) ?? property;
    const list = holder?.[name] as unknown[];
    if (holder) holder[name] = list.toReversed();
    expect((await moved(kind, inputs, other)).changes).toBe(false);
    if (holder) holder[name] = list.slice(1);
    expect((await moved(kind, inputs, other)).changes).toBe(true);
  },
);

test("the first network is the default one, and the order of the others means nothing", async () => {
  const inputs = { ...place, networkIds: ["a", "b", "c"] };
  expect((await moved("Instance", inputs, { networkIds: ["a", "c", "b"] })).changes).toBe(false);
  expect((await moved("Instance", inputs, { networkIds: ["b", "a", "c"] })).replaces).toEqual(["networkIds"]);
});

test("a program that now says what the cloud has chosen moves nothing, and one that says otherwise does", async () => {
  const inputs = { ...place, networkIds: ["a"] };
  const state = { ...inputs, name: "web-1", ipAddress: "10.1.1.5", displayName: "web-1", rootDiskSize: 20 };
  const urn = urnOf("cloudstack:index:Instance", "thing");
  const { zoneId: _, ...pinned } = state;
  const olds = { inputs, state };
  expect((await engine.diff(urn, "1", olds, { ...inputs, ...pinned })).changes).toBe(false);
  const other = { ...inputs, ...pinned, ipAddress: "10.1.1.6" };
  expect((await engine.diff(urn, "1", olds, other)).replaces).toEqual(["ipAddress"]);
});
