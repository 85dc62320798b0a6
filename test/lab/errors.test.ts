/** Refusals, word for word: number, class number and text as a management server of 4.22 gives them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Fields, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;
let world: Json;

beforeAll(async () => {
  client = await lab.up();
  world = await client.world();
});
afterAll(() => lab.end());

const unknown = "11111111-2222-3333-4444-555555555555";
const notThere = (command: string, parameter: string, value = unknown) =>
  `Unable to execute API command ${command} due to invalid value. Invalid parameter ${parameter} value=${value} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`;

interface Case {
  name: string;
  fields: (world: Json) => Fields;
  method?: "GET" | "POST";
  status: number;
  cserrorcode?: number;
  text: string;
}

const place = ({ zoneid, serviceofferingid, templateid, networkids }: Json) => ({
  command: "deployVirtualMachine",
  zoneid,
  serviceofferingid,
  templateid,
  networkids,
});

const cases: Case[] = [
  {
    name: "a filter that does not exist",
    fields: () => ({ command: "listTemplates", templatefilter: "bogus" }),
    status: 431,
    cserrorcode: 9999,
    text: "No enum constant com.cloud.template.VirtualMachineTemplate.TemplateFilter.bogus",
  },
  {
    name: "a missing parameter",
    fields: () => ({ command: "listTemplates" }),
    status: 431,
    cserrorcode: 9999,
    text: "Unable to execute API command listtemplates due to missing parameter templatefilter",
  },
  {
    name: "an empty required parameter",
    fields: () => ({ command: "listTemplates", templatefilter: "" }),
    status: 431,
    cserrorcode: 9999,
    text: "Unable to execute API command listtemplates due to missing parameter templatefilter",
  },
  {
    name: "an unknown id",
    fields: () => ({ command: "listTemplates", templatefilter: "all", id: unknown }),
    status: 431,
    cserrorcode: 9999,
    text: notThere("listtemplates", "id"),
  },
  {
    name: "an id that is none",
    fields: () => ({ command: "listVirtualMachines", id: "zzz" }),
    status: 431,
    cserrorcode: 9999,
    text: notThere("listvirtualmachines", "id", "zzz"),
  },
  {
    name: "an unknown job",
    fields: () => ({ command: "queryAsyncJobResult", jobid: unknown }),
    status: 431,
    cserrorcode: 9999,
    text: notThere("queryasyncjobresult", "jobid"),
  },
  {
    name: "a page without a size",
    fields: () => ({ command: "listOsTypes", page: 1 }),
    status: 431,
    cserrorcode: 9999,
    text: '"pagesize" parameter is required when "page" is specified',
  },
  {
    name: "a size without a page",
    fields: () => ({ command: "listOsTypes", pagesize: 10 }),
    status: 431,
    cserrorcode: 9999,
    text: '"page" parameter is required when "pagesize" is specified',
  },
  {
    name: "a page that is too large",
    fields: () => ({ command: "listOsTypes", page: 1, pagesize: 501 }),
    status: 431,
    cserrorcode: 4350,
    text: "Page size can't exceed max allowed page size value: 500",
  },
  {
    name: "an API that is not there",
    fields: () => ({ command: "listApis", name: "nope" }),
    status: 530,
    cserrorcode: 9999,
    text: "Api Discovery plugin was unable to find an api by that name or process any apis",
  },
  {
    name: "a map that cannot be read",
    fields: () => ({ command: "createTags", "tags[x].key": "a" }),
    status: 430,
    cserrorcode: 9999,
    text: "Unable to decode parameter tags[x].key; if specifying an object array, please use parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup",
  },
  {
    name: "a tab in a value",
    fields: () => ({ command: "listZones", name: "a\tb" }),
    status: 431,
    cserrorcode: 9999,
    text: "Received value a\tb for parameter name is invalid, contains illegal ASCII non-printable characters",
  },
  {
    name: "a value that is too long",
    fields: () => ({ command: "listZones", name: "x".repeat(256) }),
    status: 431,
    cserrorcode: 9999,
    text: "Unable to execute API command listzones due to invalid value. Value greater than max allowed length 255 for param: name",
  },
  {
    name: "a key that is none",
    fields: () => ({ command: "registerSSHKeyPair", name: "bad", publickey: "not a key" }),
    status: 431,
    cserrorcode: 4350,
    text: "Public key is invalid",
  },
  {
    name: "a template that is not there",
    fields: (w) => ({ ...place(w), templateid: unknown }),
    status: 431,
    cserrorcode: 9999,
    text: notThere("deployvirtualmachine", "templateid"),
  },
  {
    name: "no template at all",
    fields: (w) => ({ ...place(w), templateid: undefined }),
    status: 530,
    cserrorcode: 4250,
    text: "Please provide only one of the following parameters - template ID, volume ID or snapshot ID",
  },
  {
    name: "a host name that is none",
    fields: (w) => ({ ...place(w), name: "1bad_name" }),
    status: 431,
    cserrorcode: 9999,
    text: "Unable to execute API command deployvirtualmachine due to invalid value. Invalid value provided for API arg: name - it can contain ASCII letters 'a' through 'z', the digits '0' through '9', and the hyphen ('-'), must be between 1 and 63 characters long, and can't start or end with \"-\" and can't start with digit",
  },
  {
    name: "a root disk of nothing",
    fields: (w) => ({ ...place(w), rootdisksize: 0 }),
    status: 431,
    cserrorcode: 4350,
    text: "Root disk size should be a positive number.",
  },
  {
    name: "user data that is not base64",
    fields: (w) => ({ ...place(w), userdata: "hello world!" }),
    method: "POST",
    status: 431,
    cserrorcode: 4350,
    text: "User data is not base64 encoded.",
  },
  {
    name: "user data that is too long for GET",
    fields: (w) => ({ ...place(w), userdata: "Iy".repeat(2068) }),
    status: 431,
    cserrorcode: 4350,
    text: "User data is too long for http GET request",
  },
  {
    name: "user data that is too long altogether",
    fields: (w) => ({ ...place(w), userdata: "Iy".repeat(20_000) }),
    method: "POST",
    status: 431,
    cserrorcode: 4350,
    text: "User data has exceeded configurable max length: 32768",
  },
  {
    name: "a key pair that is not there",
    fields: (w) => ({ ...place(w), keypairs: "nobody" }),
    status: 431,
    cserrorcode: 4350,
    text: "Not all specified keypairs exist",
  },
  {
    name: "a template of nothing",
    fields: (w) => ({ command: "createTemplate", name: "t", ostypeid: w.ostypeid }),
    status: 431,
    cserrorcode: 4350,
    text: "Unable to find snapshot by id=null",
  },
];

test.each(cases)("$name", async ({ fields, method, status, cserrorcode, text }) => {
  const given = fields(world);
  const reply = await client.raw(given, method);
  expect(reply.status).toBe(status);
  expect(reply.body).toEqual({
    [`${String(given.command).toLowerCase()}response`]: {
      uuidList: [],
      errorcode: status,
      cserrorcode,
      errortext: text,
    },
  });
  expect(reply.headers["x-description"]).toBe(text.replace(/[^\x20-\x7e]/g, "?"));
});

test("user data of 32 KiB in a POST is taken, and only shown to those who ask", async () => {
  const text = "#cloud-config\n".padEnd(24_576, "#");
  const userdata = Buffer.from(text).toString("base64");
  expect(userdata).toHaveLength(32768);
  const instance = await client.deploy({ name: "with-data", userdata });
  expect(instance.userdata).toBeUndefined();
  const listed = await client.call("listVirtualMachines", { id: instance.id, userdata: true });
  expect(listed.virtualmachine[0].userdata).toBe(userdata);
  await client.job("destroyVirtualMachine", { id: instance.id, expunge: true });
});

test("what the lab has nothing for is refused, never passed over", async () => {
  const offering = (await client.call("listDiskOfferings")).diskoffering[0].id;
  const reply = await client.raw({ ...place(world), diskofferingid: offering });
  expect(reply.status).toBe(431);
  expect(reply.text).toContain("the lab has no diskofferingid");
});

test("a name is given once until its instance is expunged", async () => {
  const first = await client.deploy({ name: "twin" });
  await client.job("destroyVirtualMachine", { id: first.id });
  await expect(client.deploy({ name: "TWIN" })).rejects.toThrow(
    "The vm with hostName TWIN already exists in the network domain: lab.internal; network=lab-network",
  );
  await client.job("expungeVirtualMachine", { id: first.id });
  const second = await client.deploy({ name: "twin" });
  await client.job("destroyVirtualMachine", { id: second.id, expunge: true });
});

test("a job's id may be chosen once; for a creating command the second try leaves an orphan", async () => {
  const customjobid = "853aa89f-157f-4b08-bbd8-020066e89152";
  const request = { ...place(world), startvm: false, customjobid };
  const { jobid, id } = (await client.raw(request)).body.deployvirtualmachineresponse;
  expect(jobid).toBe(customjobid);
  await client.done(jobid);
  expect((await client.raw(request)).status).toBe(530);
  const { virtualmachine } = await client.call("listVirtualMachines");
  expect(virtualmachine).toHaveLength(2);
  expect(virtualmachine.map((row: Json) => row.id)).toContain(id);
  for (const row of virtualmachine) await client.job("destroyVirtualMachine", { id: row.id, expunge: true });
});

test("customid is the instance's id", async () => {
  const customid = "08496c4b-2ed7-4511-b0c4-7eaf956cfc03";
  const instance = await client.deploy({ customid, startvm: false });
  expect(instance.id).toBe(customid);
  await expect(client.deploy({ customid, startvm: false })).rejects.toMatchObject({ code: 530 });
  await client.job("destroyVirtualMachine", { id: customid, expunge: true });
});
