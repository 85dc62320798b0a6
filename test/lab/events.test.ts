/** What the event log tells: every step of an act, in its order, to those whose it is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordEvent } from "../../lab/cloud/events.ts";
import { Store } from "../../lab/cloud/store.ts";
import { Client, type Fields, type Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;

beforeAll(async () => {
  client = await lab.up();
});
afterAll(() => lab.end());

/** Oldest first. */
const events = async (fields: Fields = {}): Promise<Json[]> =>
  ((await client.call("listEvents", fields)).event ?? []).reverse();

test("a deployment is created, scheduled, started and completed, and each step names the instance", async () => {
  const instance = await client.deploy({ name: "vm" });
  const told = await events({ type: "VM.CREATE" });
  expect(told.map(({ state, level, description }) => [state, level, description])).toEqual([
    ["Created", "INFO", `Successfully created entity for starting Vm. Vm Id: ${instance.id}`],
    ["Scheduled", "INFO", `starting Vm. Vm Id: ${instance.id}`],
    ["Started", "INFO", `starting Vm. Vm Id: ${instance.id}`],
    ["Completed", "INFO", `Successfully completed starting Vm. Vm Id: ${instance.id}`],
  ]);
  const [, scheduled, ...later] = told;
  for (const event of later) expect(event.parentid).toBe(scheduled.id);
  expect(scheduled).toMatchObject({
    account: "admin",
    username: "admin",
    domain: "ROOT",
    resourcetype: "VirtualMachine",
    resourceid: instance.id,
  });
  expect(await events({ startid: scheduled.id })).toHaveLength(3);
  expect(await events({ resourceid: instance.id, state: "Started" })).toHaveLength(1);
});

test("what fails is told as an error, in a job and at once", async () => {
  const { virtualmachine } = await client.call("listVirtualMachines");
  const { id } = virtualmachine[0];
  await expect(client.job("expungeVirtualMachine", { id })).rejects.toMatchObject({ code: 530 });
  expect((await events({ type: "VM.EXPUNGE", level: "ERROR" }))[0]).toMatchObject({
    state: "Completed",
    description: `Error while Expunging vm. Vm Id: ${id}`,
  });
  const offering = (await client.call("listServiceOfferings")).serviceoffering[1].id;
  const change = { id, serviceofferingid: offering };
  await expect(client.call("changeServiceForVirtualMachine", change)).rejects.toMatchObject({ code: 431 });
  expect((await events({ type: "VM.UPGRADE" })).map(({ level }) => level)).toEqual(["ERROR"]);
});

test("events are their account's, and outlive the lab's process", async () => {
  const person = {
    username: "alice",
    password: "knows",
    firstname: "a",
    lastname: "x",
    email: "a@example.org",
  };
  const { account } = await client.call("createAccount", { ...person, accounttype: 0 });
  const { userkeys } = await client.call("registerUserKeys", { id: account.user[0].id });
  const alice = new Client({ ...client.target, apiKey: userkeys.apikey, secretKey: userkeys.secretkey });
  await alice.call("createSSHKeyPair", { name: "hers" });
  const hers = (await alice.call("listEvents", { listall: true })).event;
  expect(hers.map(({ type, account }: Json) => [type, account])).toEqual([["REGISTER.SSH.KEYPAIR", "alice"]]);
  expect((await events()).map(({ account }) => account)).not.toContain("alice");
  const before = await events({ listall: true });
  await lab.kill();
  client = await lab.up();
  expect(await events({ listall: true })).toEqual(before);
  await client.job("deleteAccount", { id: account.id });
  expect((await events({ listall: true })).map(({ account }) => account)).not.toContain("alice");
});

test("every kind that is told of has its name in the list of kinds", async () => {
  const { eventtype } = await client.call("listEventTypes");
  const names = eventtype.map(({ name }: Json) => name);
  expect(names).toEqual(expect.arrayContaining(["VM.CREATE", "TEMPLATE.CREATE", "USER.LOGIN"]));
  for (const { type } of await events({ listall: true })) expect(names).toContain(type);
});

test("a long log loses its oldest", () => {
  const folder = mkdtempSync(join(tmpdir(), "lab-events-"));
  const store = new Store(folder);
  const event = { type: "VM.START", level: "INFO", state: "Started", accountId: "a", userId: "u" } as const;
  store.transaction(() => {
    for (let number = 1; number <= 5010; number++) recordEvent(store, { ...event, description: `${number}` });
  });
  const left = [...store.all("events")];
  expect(left).toHaveLength(5000);
  expect([left.at(0)?.description, left.at(-1)?.description]).toEqual(["11", "5010"]);
  store.close();
  rmSync(folder, { recursive: true });
});
