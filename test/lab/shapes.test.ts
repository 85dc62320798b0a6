/** Every object has the fields that the real server's has, of the same types. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { exchanges } from "../recordings/index.ts";
import type { Client, Fields, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";
import { type ShapeName, shapeOf, shapes } from "./support/shapes.ts";

const lab = new LabProcess();
const publickey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIESs4kuBcdhdgJZsiLaLMMe219Y99jOgHltu/RAjSoPd builder@test";
const objects: Partial<Record<ShapeName, Json>> = {};
let client: Client;
let world: Json;

beforeAll(async () => {
  client = await lab.up();
  world = await client.world();
  const first = async (command: string, list: string, fields: Fields = {}) =>
    (await client.call(command, fields))[list][0];
  objects.zone = await first("listZones", "zone");
  objects.serviceoffering = await first("listServiceOfferings", "serviceoffering");
  objects.ostype = await first("listOsTypes", "ostype");
  objects.keypair = (await client.call("registerSSHKeyPair", { name: "builder", publickey }, "POST")).keypair;
  const instance = await client.deploy({ name: "vm", keypairs: "builder" });
  objects.volume = await first("listVolumes", "volume", { virtualmachineid: instance.id });
  objects.virtualmachine = await first("listVirtualMachines", "virtualmachine");
  objects.nic = objects.virtualmachine.nic[0];
  await client.job("stopVirtualMachine", { id: instance.id });
  const { ostypeid } = world;
  const submitted = await client.call("createTemplate", { name: "t", ostypeid, volumeid: objects.volume.id });
  objects.job = await client.done(submitted.jobid);
  objects.template = objects.job.jobresult.template;
  const tag = { resourceids: instance.id, resourcetype: "UserVm", "tags[0].key": "k", "tags[0].value": "v" };
  await client.job("createTags", tag);
  objects.tag = await first("listTags", "tag");
});
afterAll(() => lab.end());

test.each(Object.keys(shapes) as ShapeName[])("%s", (name) => {
  expect(shapeOf(objects[name])).toMatchObject(shapes[name]);
});

/** What only a simulator's, an isolated network's or a data disk's answer has. */
const beyond: Partial<Record<ShapeName, readonly string[]>> = {
  zone: [
    "dns1",
    "internaldns1",
    "guestcidraddress",
    "gputotal",
    "gpuused",
    "allowuserspecifyvrmtu",
    "routerprivateinterfacemaxmtu",
    "routerpublicinterfacemaxmtu",
    "isnsxenabled",
    "ismultiarch",
    "asnrange",
    "routedmodeenabled",
  ],
  virtualmachine: [
    "cpuused",
    "networkkbsread",
    "networkkbswrite",
    "diskkbsread",
    "diskkbswrite",
    "memorykbs",
    "memoryintfreekbs",
    "memorytargetkbs",
    "diskioread",
    "diskiowrite",
    "keypairs",
    "jobid",
    "jobstatus",
    "userdata",
    "password",
    "bootmode",
    "boottype",
    "userdataid",
    "userdataname",
    "userdatapolicy",
    "readonlydetails",
  ],
  volume: [
    "diskkbsread",
    "diskkbswrite",
    "diskioread",
    "diskiowrite",
    "clusterid",
    "clustername",
    "podid",
    "podname",
    "physicalsize",
    "virtualsize",
    "utilization",
    "diskofferingid",
    "diskofferingname",
    "diskofferingdisplaytext",
    "snapshotid",
    "jobid",
    "jobstatus",
  ],
  template: [
    "jobid",
    "jobstatus",
    "checksum",
    "url",
    "physicalsize",
    "bootable",
    "accountid",
    "templatetag",
    "removed",
    "state",
  ],
  job: ["managementserverid", "managementservername"],
  keypair: ["privatekey"],
  nic: ["vpcid", "vpcname", "mtu"],
};

test("recorded answers have no field that these shapes do not know", () => {
  const seen = new Set<string>();
  const look = (name: ShapeName, object: object) => {
    seen.add(name);
    const known = [...Object.keys(shapes[name]), ...(beyond[name] ?? [])];
    expect(known).toEqual(expect.arrayContaining(Object.keys(object)));
  };
  const walk = (key: string, value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) walk(key, each);
    else if (value !== null && typeof value === "object") {
      const name = key === "queryasyncjobresultresponse" ? "job" : key === "sshkeypair" ? "keypair" : key;
      const isError = "errorcode" in value;
      // What an expunged instance leaves, and an ISO's or extraction's "template", are no such object.
      if (
        name in shapes &&
        !isError &&
        ("id" in value || "jobid" in value || "key" in value) &&
        !("extractMode" in value)
      ) {
        look(name as ShapeName, value);
      }
      if (!["details", "capability", "params"].includes(key))
        for (const [inner, each] of Object.entries(value)) walk(inner, each);
    }
  };
  for (const { body, status } of exchanges) if (status === 200 && typeof body === "object") walk("", body);
  expect([...seen].sort()).toEqual(Object.keys(shapes).sort());
});

/** Recorded refusals that need nothing but a world; ids of the recorded world are put in the lab's words. */
const stateless = [
  "01-auth-001-no-key",
  "01-auth-003-unknown-command",
  "01-auth-004-wrong-case-command",
  "01-auth-018-expires-missing",
  "01-auth-024-empty-command",
  "02-lookup-013-listTemplates-bad-filter",
  "02-lookup-014-listTemplates-no-filter",
  "02-lookup-015-listTemplates-unknown-id",
  "02-lookup-019-listOsTypes-page-alone",
  "02-lookup-020-listOsTypes-pagesize-alone",
  "02-lookup-021-listOsTypes-pagesize-too-big",
  "02-lookup-025-listApis-unknown",
  "02-lookup-029-queryAsyncJobResult-unknown",
  "02-lookup-030-queryAsyncJobResult-missing-param",
  "03-key-002-registerSSHKeyPair-same-name",
  "03-key-003-registerSSHKeyPair-same-key",
  "03-key-005-registerSSHKeyPair-bad",
  "03-key-006-registerSSHKeyPair-missing",
  "03-key-011-deleteSSHKeyPair-again",
  "06-vm-003-deploy-userdata-not-base64",
  "06-vm-004-deploy-missing-serviceoffering",
  "06-vm-006-deploy-unknown-template",
  "06-vm-007-deploy-bad-name",
  "06-vm-009-deploy-rootdisksize-too-small",
  "08-tmpl-013-createTemplate-zone-with-volume",
  "08-tmpl-014-createTemplate-bad-os",
  "08-tmpl-015-createTemplate-missing-name",
  "33-misc-003-malformed-map",
  "33-misc-004-bad-uuid",
];

test.each(stateless)("refused as recorded: %s", async (name) => {
  const exchange = exchanges.find((each) => each.name === name);
  if (!exchange) throw new Error(`no recorded exchange ${name}`);
  const recorded = exchange.params;
  const domain = (await client.call("listDomains")).domain[0].id;
  const ids: Record<string, string | undefined> = {
    [recorded.zoneid ?? "-"]: world.zoneid,
    [recorded.serviceofferingid ?? "-"]: world.serviceofferingid,
    [recorded.networkids ?? "-"]: world.networkids,
    [recorded.volumeid ?? "-"]: objects.volume.id,
    [exchanges.find((each) => each.name.startsWith("02-lookup-005"))?.body.listtemplatesresponse.template[0]
      .id ?? "-"]: world.templateid,
    "c4fcb1bc-5fd0-44d8-9ddb-9cefc7d4877d": world.ostypeid,
    "bb0a92ce-e714-11f1-ae4a-02fc00000001": domain,
  };
  const inLab = (text: string) =>
    text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => ids[id] ?? id);
  const { apiKey: _, signature: __, ...fields } = recorded;
  const given = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, inLab(String(value))]));
  const unsigned = name === "01-auth-001-no-key" ? { apiKey: "", signature: "" } : {};
  const reply = await client.raw({ ...given, ...unsigned }, exchange.method);
  expect({ status: reply.status, body: reply.body }).toEqual({
    status: exchange.status,
    body: JSON.parse(inLab(JSON.stringify(exchange.body))),
  });
});
