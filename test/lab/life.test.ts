/** An instance's life over the wire: deploy, look, stop, capture, clone, destroy. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const lab = new LabProcess();
let client: Client;

beforeAll(async () => {
  client = await lab.up();
});
afterAll(() => lab.end());

test("deploy, stop, capture, clone, delete, expunge", async () => {
  await client.call("registerSSHKeyPair", {
    name: "builder",
    publickey:
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIESs4kuBcdhdgJZsiLaLMMe219Y99jOgHltu/RAjSoPd builder@test",
  });
  const world = await client.world();
  const submitted = await client.call("deployVirtualMachine", {
    zoneid: world.zoneid,
    serviceofferingid: world.serviceofferingid,
    templateid: world.templateid,
    networkids: world.networkids,
    name: "build-vm",
    displayname: "Build VM",
    keypairs: "builder",
    rootdisksize: 8,
    "details[0].rootDiskController": "scsi",
  });
  const job = await client.done(submitted.jobid);
  expect(job).toMatchObject({
    jobstatus: 1,
    jobresulttype: "object",
    jobinstancetype: "VirtualMachine",
    jobinstanceid: submitted.id,
    cmd: "org.apache.cloudstack.api.command.admin.vm.DeployVMCmdByAdmin",
  });
  const instance = job.jobresult.virtualmachine;
  expect(instance).toMatchObject({
    id: submitted.id,
    name: "build-vm",
    displayname: "Build VM",
    state: "Running",
    hypervisor: "KVM",
    keypairs: "builder",
    details: { rootdisksize: "8", rootDiskController: "scsi" },
    jobid: submitted.jobid,
  });
  expect(instance.publicip).toMatch(/^127\.\d+\.\d+\.\d+$/);

  const { volume } = await client.call("listVolumes", { virtualmachineid: instance.id, type: "ROOT" });
  expect(volume).toHaveLength(1);
  expect(volume[0]).toMatchObject({ state: "Ready", size: 8 * 1024 ** 3, vmstate: "Running" });

  const capture = { name: "appliance", displaytext: "a", ostypeid: world.ostypeid, volumeid: volume[0].id };
  await expect(client.job("createTemplate", capture)).rejects.toThrow(
    /Unable to create private template for volume: Volume .* is attached to a non-stopped VM, please stop the VM first/,
  );
  await client.job("stopVirtualMachine", { id: instance.id });
  const { template } = await client.job("createTemplate", capture);
  expect(template).toMatchObject({ isready: true, status: "Download Complete", templatetype: "USER" });
  // The builder's key goes along, as on the real server.
  expect(template.details["SSH.KeyPairNames"]).toBe("builder");

  const clone = await client.deploy({ templateid: template.id, name: "clone" });
  expect(clone).toMatchObject({ state: "Running", templateid: template.id });
  expect(clone.publicip).not.toBe(instance.publicip);
  await expect(client.job("deleteTemplate", { id: template.id })).rejects.toThrow(/are using it/);

  await client.job("destroyVirtualMachine", { id: clone.id });
  const states = await client.call("listVirtualMachines", { id: clone.id });
  expect(states.virtualmachine[0].state).toBe("Destroyed");
  const gone = await client.job("expungeVirtualMachine", { id: clone.id });
  expect(gone).toEqual({ success: true });
  const expunged = await client.job("destroyVirtualMachine", { id: instance.id, expunge: true });
  expect(expunged).toEqual({
    virtualmachine: { securitygroup: [], nic: [], affinitygroup: [], deleteprotection: false, tags: [] },
  });
  expect(await client.job("deleteTemplate", { id: template.id })).toEqual({ success: true });
  await expect(client.call("destroyVirtualMachine", { id: instance.id })).rejects.toThrow(
    /^Unable to find UUID for id \[\d+\] of type \[VirtualMachine\]$/,
  );
  await expect(client.call("deleteTemplate", { id: template.id })).rejects.toThrow(
    /^Unable to find UUID for id \[\d+\] of type \[VirtualMachineTemplate\]$/,
  );
  expect(await client.call("listVirtualMachines", { id: instance.id })).toEqual({});
  expect(await client.call("listVolumes", { id: volume[0].id })).toEqual({});
});

test("an instance that is not started has no disk, and no template comes of it", async () => {
  const cold = await client.deploy({ name: "cold-vm", startvm: false });
  expect(cold).toMatchObject({ state: "Stopped", details: { deployvm: "true" } });
  const { volume } = await client.call("listVolumes", { virtualmachineid: cold.id });
  expect(volume[0]).toMatchObject({ state: "Allocated", hypervisor: "None" });
  const { ostypeid } = await client.world();
  const submitted = await client.call("createTemplate", { name: "cold", ostypeid, volumeid: volume[0].id });
  const job = await client.done(submitted.jobid);
  expect(job).toMatchObject({
    jobstatus: 2,
    jobresultcode: 530,
    jobresult: { errorcode: 530, errortext: "Failed to create templatecan't find data store" },
  });
  expect(job.jobinstanceid).toBeUndefined();
  await expect(
    client.call("listTemplates", { templatefilter: "all", id: submitted.id }),
  ).rejects.toMatchObject({
    code: 431,
  });
  const started = await client.job("startVirtualMachine", { id: cold.id });
  expect(started.virtualmachine.state).toBe("Running");
  await expect(client.job("startVirtualMachine", { id: cold.id })).rejects.toThrow(
    `The virtual machine ${cold.id} (cold-vm) is already running`,
  );
  const rebooted = await client.job("rebootVirtualMachine", { id: cold.id });
  expect(rebooted.virtualmachine.state).toBe("Running");
  await client.job("destroyVirtualMachine", { id: cold.id, expunge: true });
});

test("a deployment that fails leaves an instance in Error without a machine", async () => {
  await lab.run("inject", "capacity", "times=1");
  await expect(client.deploy({ name: "no-room" })).rejects.toMatchObject({ code: 533 });
  const list = await client.call("listVirtualMachines", { name: "no-room" });
  const [instance] = list.virtualmachine as [Json];
  expect(instance.state).toBe("Error");
  await expect(client.deploy({ name: "no-room" })).rejects.toMatchObject({ code: 431 });
  await client.job("destroyVirtualMachine", { id: instance.id, expunge: true });
  const again = await client.deploy({ name: "no-room" });
  await client.job("destroyVirtualMachine", { id: again.id, expunge: true });
});

test("what is destroyed can be recovered until it is expunged", async () => {
  const { id } = await client.deploy({ name: "missed" });
  await expect(client.call("recoverVirtualMachine", { id })).rejects.toThrow("not in the right state");
  await client.job("destroyVirtualMachine", { id });
  const { virtualmachine } = await client.call("recoverVirtualMachine", { id });
  expect(virtualmachine).toMatchObject({ id, state: "Stopped" });
  const started = await client.job("startVirtualMachine", { id });
  expect(started.virtualmachine.state).toBe("Running");
  await client.job("destroyVirtualMachine", { id, expunge: true });
  await expect(client.call("recoverVirtualMachine", { id })).rejects.toMatchObject({ code: 431 });
});

test("tags: no key twice, no change in place", async () => {
  const { templateid } = await client.world();
  const on = { resourceids: templateid, resourcetype: "template" };
  const tags = {
    "tags[0].key": "version",
    "tags[0].value": "1.0",
    "tags[1].key": "build",
    "tags[1].value": "abc",
  };
  expect(await client.job("createTags", { ...on, ...tags }, "POST")).toEqual({ success: true });
  await expect(client.job("createTags", { ...on, ...tags })).rejects.toThrow(
    `tag version already on Template with id ${templateid}`,
  );
  const found = await client.call("listTemplates", {
    templatefilter: "all",
    showunique: true,
    "tags[0].key": "version",
    "tags[0].value": "1.0",
  });
  expect(found.template).toHaveLength(1);
  expect(found.template[0].tags).toHaveLength(2);
  await client.job("deleteTags", { ...on, "tags[0].key": "version" });
  expect((await client.call("listTags", { resourceid: templateid })).tag).toMatchObject([{ key: "build" }]);
  await client.job("deleteTags", on);
  await expect(client.job("deleteTags", on)).rejects.toMatchObject({ code: 431 });
});

test("an instance with delete protection stays", async () => {
  const kept = await client.deploy({ name: "kept" });
  await client.call("updateVirtualMachine", { id: kept.id, deleteprotection: true, displayname: "Kept" });
  await expect(client.job("destroyVirtualMachine", { id: kept.id, expunge: true })).rejects.toMatchObject({
    code: 431,
  });
  const { virtualmachine } = await client.call("listVirtualMachines", { id: kept.id });
  expect(virtualmachine[0]).toMatchObject({ state: "Running", displayname: "Kept", deleteprotection: true });
  await client.call("updateVirtualMachine", { id: kept.id, deleteprotection: false });
  await client.job("destroyVirtualMachine", { id: kept.id, expunge: true });
});
