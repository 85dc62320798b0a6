/**
 * What a client writes never becomes a line of a configuration file, a word of a command or a path on the host: every
 * text that the API hands to the makers of machines and networks is looked at, whatever was sent in whichever parameter.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commandNamed } from "../../lab/api/registry.ts";
import { type InProcess, openInProcess } from "./support/in-process.ts";

type Fields = Readonly<Record<string, string>>;

let lab: InProcess;
let made: { network: string; instance: string; address: string; forwarding: string; place: Fields };
/** "publish.name", and the text. */
const handed: [string, string][] = [];

/** What the guest alone reads, as it was given. */
const contents = new Set(["publish.userData", "publish.publicKeys", "publish.password"]);

const isHarmless = (text: string) => /^[\w.:/ ,()-]*$/.test(text) && !/(^|\/)\.\.(\/|$)|^-/.test(text);

/** Calls go through, and every text in their arguments is kept. */
function watch(parts: object): void {
  for (const [name, act] of Object.entries(parts) as [string, unknown][]) {
    if (typeof act !== "function") continue;
    const watched = (...args: unknown[]) => {
      keep(name, args);
      return act(...args) as unknown;
    };
    Object.assign(parts, { [name]: watched });
  }
}

function keep(place: string, value: unknown): void {
  if (typeof value === "string") handed.push([place, value]);
  else if (Array.isArray(value)) for (const each of value) keep(place, each);
  else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value)) keep(`${place}.${name}`, each);
  }
}

const harm = () => handed.filter(([place, text]) => !contents.has(place) && !isHarmless(text));

// biome-ignore lint/suspicious/noExplicitAny: the wire's edge; the test looks at single fields
async function send(command: string, fields: Fields): Promise<any> {
  const answer = await lab.send({ command, ...fields }, { method: "POST" });
  await lab.lab.cloud.jobs.idle();
  return { status: answer.status, ...(Object.values(JSON.parse(answer.body)) as object[])[0] };
}

const idOf = async (command: string, key: string, fields: Fields = {}): Promise<string> =>
  (await send(command, fields))[key][0].id;

beforeAll(async () => {
  lab = await openInProcess();
  const zoneid = await idOf("listZones", "zone", { name: "lab-zone" });
  const place = {
    zoneid,
    serviceofferingid: await idOf("listServiceOfferings", "serviceoffering"),
    templateid: await idOf("listTemplates", "template", { templatefilter: "featured" }),
  };
  const name = "LabIsolatedNetworkOfferingWithEgress";
  const networkofferingid = await idOf("listNetworkOfferings", "networkoffering", { name });
  const network = (await send("createNetwork", { name: "n", zoneid, networkofferingid })).network.id;
  const instance = (await send("deployVirtualMachine", { ...place, networkids: network, name: "first" })).id;
  const address = (await send("associateIpAddress", { networkid: network })).id;
  const ports = { protocol: "tcp", publicport: "22", privateport: "22" };
  const rule = { ipaddressid: address, virtualmachineid: instance, ...ports };
  const forwarding = (await send("createPortForwardingRule", rule)).id;
  made = { network, instance, address, forwarding, place: { ...place, networkofferingid } };
  watch(lab.lab.cloud.driver);
  watch(lab.lab.cloud.networks);
});
beforeEach(() => {
  handed.length = 0;
});
afterAll(() => lab.end());

const restart = async () => {
  await send("stopVirtualMachine", { id: made.instance });
  await send("startVirtualMachine", { id: made.instance });
};

/** Commands whose words go on to machines and networks: a request that is good, and what makes them go on. */
const good: Readonly<
  Record<string, { fields(): Fields; onwards?(answer: { network?: { id: string } }): Promise<unknown> }>
> = {
  deployVirtualMachine: {
    fields: () => ({ ...made.place, networkids: made.network, ipaddress: "10.1.1.77", displayname: "x" }),
  },
  createNetwork: {
    fields: () => ({
      ...made.place,
      ...{ name: "n", networkdomain: "example.org", gateway: "10.77.1.1", netmask: "255.255.255.0" },
    }),
    onwards: async ({ network }) =>
      network && send("deployVirtualMachine", { ...made.place, networkids: network.id }),
  },
  updateNetwork: { fields: () => ({ id: made.network, networkdomain: "example.org" }), onwards: restart },
  updateVirtualMachine: { fields: () => ({ id: made.instance, displayname: "x" }), onwards: restart },
  createFirewallRule: {
    fields: () => ({
      ...{ ipaddressid: made.address, protocol: "udp", cidrlist: "10.0.0.0/8", startport: "5", endport: "6" },
    }),
  },
  createEgressFirewallRule: {
    fields: () => ({ networkid: made.network, protocol: "tcp", cidrlist: "10.1.1.0/24", startport: "5" }),
  },
  createPortForwardingRule: {
    fields: () => ({
      ...{ ipaddressid: made.address, virtualmachineid: made.instance, protocol: "tcp" },
      ...{ publicport: "80", privateport: "80", vmguestip: "", cidrlist: "10.0.0.0/8" },
    }),
  },
  updatePortForwardingRule: { fields: () => ({ id: made.forwarding, privateport: "23" }) },
  registerTemplate: {
    fields: () => ({
      ...{ zoneid: made.place.zoneid ?? "", format: "RAW", hypervisor: "KVM", name: "t" },
      url: "http://127.0.0.1:9/x.raw",
    }),
  },
};

const attacks = [
  "\ndhcp-script=/bin/sh",
  "\n",
  "/../../../etc/passwd",
  "; touch harm",
  "$(touch harm)",
  "`touch harm`",
  "' \"|&",
  " } }",
];

test.each(Object.keys(good))("%s", async (name) => {
  const { fields, onwards } = good[name] ?? expect.fail();
  const texts = Object.entries(commandNamed(name)?.params ?? {}).filter(
    ([, { type, support }]) => support === undefined && type !== "map" && type !== "boolean",
  );
  for (const [parameter] of texts) {
    for (const attack of attacks) {
      const { [parameter]: base = "", ...others } = fields();
      const answer = await send(name, { ...others, [parameter]: `${base}${attack}` });
      expect([200, 430, 431, 530, 531, 533, 537]).toContain(answer.status);
      if (answer.status === 200) await onwards?.(answer);
      expect(harm(), `${name} ${parameter}=${JSON.stringify(base + attack)}`).toEqual([]);
      handed.length = 0;
    }
  }
});

test("an address is spelled in one way: no second instance gets it by another", async () => {
  const ipaddress = "10.1.1.88";
  const fields = { ...made.place, networkids: made.network };
  expect((await send("deployVirtualMachine", { ...fields, ipaddress })).status).toBe(200);
  for (const other of ["10.1.1.088", "10.1.1.0x58", "10.1.1.88\n", "10.1.1. 88"]) {
    const { id } = await send("deployVirtualMachine", { ...fields, ipaddress: other });
    expect(id).toBeUndefined();
  }
});

test("the guard of these tests sees a fault", async () => {
  const { networks } = lab.lab.cloud;
  const spec = { id: "x", cidr: "10.1.1.0/24", gateway: "10.1.1.1", egress: true };
  await networks.ensureNetwork({ ...spec, domain: "example.org\ndhcp-script=/bin/sh" });
  await networks.removeNetwork("../../etc");
  expect(harm().map(([place]) => place)).toEqual(["ensureNetwork.domain", "removeNetwork"]);
});
