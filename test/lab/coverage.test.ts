/** The coverage's word on lists: what it calls done changes what is shown, what it calls without effect does not. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command } from "../../lab/api/command.ts";
import { allCommands } from "../../lab/api/registry.ts";
import { type InProcess, openInProcess } from "./support/in-process.ts";

type Fields = Readonly<Record<string, string>>;
type Parameter = Command["params"][string];

let lab: InProcess;
/** Ids of things that are there, one of each kind. */
let ids: readonly string[];
/** What a list cannot do without, or shows nothing without. */
let needed: Readonly<Record<string, Fields>>;

// biome-ignore lint/suspicious/noExplicitAny: the wire's edge; the test looks at single fields
async function send(command: string, fields: Fields = {}): Promise<any> {
  const answer = await lab.send({ command, ...fields }, { method: "POST" });
  await lab.lab.cloud.jobs.idle();
  const [content] = Object.values(JSON.parse(answer.body)) as [object];
  return content;
}

beforeAll(async () => {
  lab = await openInProcess();
  const first = async (command: string, key: string, fields: Fields = {}): Promise<string> =>
    (await send(command, fields))[key][0].id;
  const zoneid = await first("listZones", "zone");
  const serviceofferingid = await first("listServiceOfferings", "serviceoffering");
  const templateid = await first("listTemplates", "template", { templatefilter: "featured" });
  const ostypeid = await first("listOsTypes", "ostype");
  const offering = { name: "LabIsolatedNetworkOfferingWithEgress" };
  const networkofferingid = await first("listNetworkOfferings", "networkoffering", offering);
  const network = (await send("createNetwork", { name: "n", zoneid, networkofferingid })).network.id;
  await send("createSSHKeyPair", { name: "key" });
  const userdataid = (await send("registerUserData", { name: "data", userdata: "aGVsbG8=" })).userdata.id;
  await send("createAffinityGroup", { name: "apart", type: "host anti-affinity" });
  await send("createSecurityGroup", { name: "web" });
  const place = { zoneid, serviceofferingid, templateid, networkids: network };
  const more = { name: "vm", keypair: "key", userdataid, affinitygroupnames: "apart", group: "group" };
  const { id } = await send("deployVirtualMachine", { ...place, ...more });
  const address = (await send("associateIpAddress", { networkid: network })).id;
  const ports = { protocol: "tcp", publicport: "22", privateport: "22" };
  await send("createPortForwardingRule", { ipaddressid: address, virtualmachineid: id, ...ports });
  await send("createEgressFirewallRule", { networkid: network, protocol: "tcp", startport: "25" });
  const tag = { "tags[0].key": "a", "tags[0].value": "b" };
  await send("createTags", { resourceids: id, resourcetype: "UserVm", ...tag });
  await send("stopVirtualMachine", { id });
  const volumeid = await first("listVolumes", "volume", { virtualmachineid: id });
  const captured = await send("createTemplate", { name: "t", ostypeid, volumeid });
  await send("createSnapshot", { volumeid });
  await send("createVMSnapshot", { virtualmachineid: id });
  await send("createProject", { name: "project", displaytext: "project" });
  const person = { username: "user", password: "p", firstname: "f", lastname: "l", email: "e@example.org" };
  await send("createAccount", { ...person, accounttype: "0" });
  ids = [zoneid, id, network, userdataid, networkofferingid, ostypeid, serviceofferingid];
  needed = {
    listAsyncJobs: { startdate: "2020-01-01" },
    listNics: { virtualmachineid: id },
    listTemplatePermissions: { id: captured.id },
    listTemplates: { templatefilter: "all" },
  };
});
afterAll(() => lab.end());

/** Texts of which at least one must make a difference. */
function tries(name: string, { type }: Parameter): Fields[] {
  if (type === "map") return [{ [`${name}[0].key`]: "none", [`${name}[0].value`]: "none" }];
  const values = {
    uuid: ["11111111-2222-3333-4444-555555555555", ...ids],
    boolean: ["true", "false"],
    date: ["2020-01-01", "2030-01-01"],
    integer: ["987654"],
    long: ["987654"],
    list: ["none"],
    string: ["none"],
  }[type];
  return values.map((value) => ({ [name]: value }));
}

async function hasEffect(command: Command, name: string, parameter: Parameter): Promise<boolean> {
  const usual = needed[command.name] ?? {};
  const before = await send(command.name, usual);
  for (const fields of tries(name, parameter)) {
    if (JSON.stringify(await send(command.name, { ...usual, ...fields })) !== JSON.stringify(before))
      return true;
  }
  return false;
}

const lists = allCommands.filter((command) => command.kind === "sync" && command.list === true);
/** The lab has nothing that they could show. */
const empty = ["listIpForwardingRules", "listIsos"];
/** Of lists whose things have no names. */
const nameless = ["listAffinityGroupTypes", "listEventTypes", "listResourceLimits"];
/** Tried in test/lab/accounts.test.ts and test/lab/scale.test.ts, where there is more to see. */
const elsewhere = ["page", "pagesize", "listall", "isrecursive"];

test.each(lists.map((command) => [command.name, command] as const))("%s", async (name, command) => {
  const { count } = await send(name, needed[name]);
  expect(count === undefined).toBe(empty.includes(name));
  if (count === undefined) return;
  const wrong: string[] = [];
  for (const [parameter, record] of Object.entries(command.params)) {
    if (elsewhere.includes(parameter) || needed[name]?.[parameter] !== undefined) continue;
    if (parameter === "keyword" && nameless.includes(name)) continue;
    if (record.support === "refused" || (record.support !== undefined && record.type === "uuid")) continue;
    const done = record.support === undefined;
    if ((await hasEffect(command, parameter, record)) !== done) wrong.push(parameter);
  }
  expect(wrong).toEqual([]);
});
