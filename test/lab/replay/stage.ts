/**
 * What was there when an exchange was recorded, and what happened between two of them without being recorded: the
 * lab is dressed as that cloud, and the gaps are filled, so that every exchange finds the things that it names.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { apiTime } from "../../../lab/cloud/time.ts";
import { exchanges } from "../../recordings/index.ts";
import type { Replayed, Sent } from "./replayed.ts";

const gibibyte = 1024 ** 3;

/** One zone, two offerings and a template under the names and sizes that the recorded cloud had. */
export function dress({ cloud }: Replayed): void {
  const { store } = cloud;
  const [zone, ...otherZones] = [...store.all("zones")];
  const [small, medium, ...otherOfferings] = [...store.all("serviceOfferings")];
  const [template] = [...store.all("templates")];
  const osType = store.find("osTypes", ({ description }) => description === "CentOS 5.6 (64-bit)");
  if (!zone || !small || !medium || !template || !osType) throw new Error("the lab's world has moved");
  store.transaction(() => {
    store.put("zones", { ...zone, name: "Sandbox-simulator" });
    for (const { id } of otherZones) store.forget("zones", id);
    store.put("serviceOfferings", { ...small, name: "Small Instance", cpuSpeed: 500, memoryMiB: 512 });
    store.put("serviceOfferings", {
      ...medium,
      name: "Medium Instance",
      cpu: 1,
      cpuSpeed: 1000,
      memoryMiB: 1024,
    });
    for (const { id } of otherOfferings) store.forget("serviceOfferings", id);
    for (const { id } of store.all("networks")) store.forget("networks", id);
    const name = "CentOS 5.6 (64-bit) no GUI (Simulator)";
    store.put("templates", {
      ...template,
      name,
      displayText: name,
      osTypeId: osType.id,
      size: 2 * gibibyte,
      physicalSize: 2 * gibibyte,
      requiresHvm: false,
    });
  });
}

/** What is done first, and what is sent in place of the recorded fields. */
type Step = (replayed: Replayed) => Sent | Promise<unknown>;

const recordedId = {
  zone: "de969359-38ae-4935-92ed-7e4ba8f821cb",
  offering: "1c1c6533-8eab-42c4-ae84-e1f6ea395019",
  template: "cb1e1e6c-e714-11f1-ae4a-02fc00000001",
  networkOffering: "12bb8372-5140-425b-b427-8e24128f6826",
  debian: "c4fcb1bc-5fd0-44d8-9ddb-9cefc7d4877d",
  buildVm: "c59ae8f1-4ff3-4eee-a072-b58a1a062b69",
  buildDisk: "76286e1c-d7ca-410a-8eba-17677103bf4d",
  userVm: "4bc2bdda-2f9a-4eca-bb50-21085820d7d4",
  userDisk: "35363ad2-917c-482f-8b7d-8c792ff6d94e",
} as const;
const publickey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIESs4kuBcdhdgJZsiLaLMMe219Y99jOgHltu/RAjSoPd builder@test";

function labId({ bindings }: Replayed, recorded: string): string {
  const id = bindings.given(recorded);
  if (id === undefined) throw new Error(`nothing stands for ${recorded} yet`);
  return id;
}

/** A user of that name, who calls from now on. */
async function become(replayed: Replayed, username: string): Promise<void> {
  replayed.caller = replayed.inProcess.lab.keys;
  const person = { password: "knows", firstname: "x", lastname: "x", email: "x@example.org" };
  const { account } = await replayed.call("createAccount", { username, ...person, accounttype: "0" });
  const { userkeys } = await replayed.call("registerUserKeys", { id: account.user[0].id });
  replayed.caller = { apiKey: userkeys.apikey, secretKey: userkeys.secretkey };
}

async function asRoot<T>(replayed: Replayed, act: () => Promise<T>): Promise<T> {
  const { caller } = replayed;
  replayed.caller = replayed.inProcess.lab.keys;
  try {
    return await act();
  } finally {
    replayed.caller = caller;
  }
}

async function network(replayed: Replayed, name: string, recorded?: string): Promise<string> {
  const { network } = await replayed.call("createNetwork", {
    name,
    displaytext: name,
    networkofferingid: labId(replayed, recordedId.networkOffering),
    zoneid: labId(replayed, recordedId.zone),
  });
  if (recorded !== undefined) replayed.bindings.bind(recorded, network.id);
  return network.id;
}

/** @returns ids of the instance and its root disk */
async function instance(
  replayed: Replayed,
  fields: Readonly<Record<string, string>>,
): Promise<{ id: string; disk: string }> {
  const { id } = await replayed.job("deployVirtualMachine", {
    serviceofferingid: labId(replayed, recordedId.offering),
    templateid: labId(replayed, recordedId.template),
    zoneid: labId(replayed, recordedId.zone),
    ...fields,
  });
  const { volume } = await replayed.call("listVolumes", { virtualmachineid: id });
  return { id, disk: volume[0].id };
}

async function capture(replayed: Replayed, fields: Readonly<Record<string, string>>): Promise<string> {
  const ostypeid = labId(replayed, recordedId.debian);
  const { id } = await replayed.job("createTemplate", { displaytext: "d", ostypeid, ...fields });
  return id;
}

/** The next act of that kind does not succeed, as where the agent says so. */
function failOnce({ cloud }: Replayed, act: "start" | "stop" | "freeze", text: string): void {
  const { driver } = cloud;
  const original = driver[act];
  const failing = () => {
    Object.assign(driver, { [act]: original });
    return Promise.reject(new Error(text));
  };
  Object.assign(driver, { [act]: failing });
}

const inMinutes = (minutes: number, zone: string) =>
  `${apiTime(new Date(Date.now() + minutes * 60_000)).slice(0, 19)}${zone}`;
/** What the recorded cloud registered as VHD for its simulator. */
const image = (url: string): Sent => ({ fields: { url, format: "RAW", hypervisor: "KVM" } });

/** An image at an address of this host, since the recorded one is nowhere. */
function served(): Promise<string> {
  const server = createServer((_, response) => response.end(Buffer.alloc(5_242_880))).unref();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.raw`);
    });
  });
}

const expires = (minutes: number, zone: string) => (): Sent => ({
  fields: { expires: inMinutes(minutes, zone) },
});

/** Before the exchange of that name. */
export const before: Readonly<Record<string, Step>> = {
  "01-auth-008-tilde-rfc3986": () => ({ encoding: encodeURIComponent }),
  "01-auth-010-star-rfc3986": () => ({
    encoding: (value) => encodeURIComponent(value).replaceAll("*", "%2A"),
  }),
  "01-auth-013-expires-ok": expires(10, "+0000"),
  "01-auth-014-expires-Z-form": expires(10, "Z"),
  "01-auth-015-expires-colon-zone": expires(10, "+00:00"),
  "01-auth-016-expires-far": expires(365 * 24 * 60, "+0000"),
  "01-auth-019-expires-past-without-version3": expires(-1, "+0000"),
  "03-key-011-deleteSSHKeyPair-again": (replayed) => replayed.call("deleteSSHKeyPair", { name: "gen1" }),
  "07-ip-005-listPublicIpAddresses-network": (replayed) =>
    replayed.job("associateIpAddress", {
      networkid: labId(replayed, "94d65d57-8b80-4b4d-9192-74741b401e86"),
    }),
  "08-tmpl-066-registerTemplate-unresolvable": () => image("http://nohost.invalid/x.raw"),
  "08-tmpl-067-registerTemplate-loopback": () => image("http://0.0.0.0/x.raw"),
  "08-tmpl-068-registerTemplate-wrong-extension": () => image("http://10.147.28.7/x.qcow2"),
  "08-tmpl-070-registerTemplate": async () => image(await served()),
  "08-tmpl-072-listTemplates-registered-1": (replayed) =>
    replayed.cloud.downloads.settled(labId(replayed, "bfa6a21d-196e-4453-aff5-32af933762d7")),
  "09-snap-006-createSnapshot": (replayed) =>
    replayed.job("stopVirtualMachine", { id: labId(replayed, recordedId.buildVm) }),
  "09-snap-013-listTemplates-from-snapshot": async (replayed) => {
    const snapshotid = labId(replayed, "1e55a47d-7452-417c-905c-d15e4798900e");
    const id = await capture(replayed, { name: "from-snap", displaytext: "from snap", snapshotid });
    replayed.bindings.bind("9600483f-63d6-4e31-89e3-3177c8311254", id);
    await replayed.job("startVirtualMachine", { id: labId(replayed, recordedId.buildVm) });
  },
  "09-snap-025-listVMSnapshot": (replayed) =>
    replayed.job("createVMSnapshot", {
      virtualmachineid: labId(replayed, recordedId.buildVm),
      name: "vs1",
    }),
  "10-life-039-listVolumes-after-expunge": async (replayed) => {
    const id = labId(replayed, "ee961fc4-098b-4a89-9836-c8b2570fdd4b");
    await replayed.job("destroyVirtualMachine", { id, expunge: "true" });
  },
  "08-tmpl-043-listTemplates-by-tag": (replayed) =>
    replayed.call("updateTemplate", {
      id: labId(replayed, "bf061ca4-f832-470c-bb71-db58e83e2037"),
      cleanupdetails: "true",
    }),
  "10-life-009-updateVirtualMachine": (replayed) =>
    replayed.job("scaleVirtualMachine", {
      id: labId(replayed, recordedId.buildVm),
      serviceofferingid: labId(replayed, recordedId.offering),
    }),
  "20-user-001-listCapabilities": (replayed) => become(replayed, "somebody"),
  "20-user-003-listTemplates-all": (replayed) => become(replayed, "builder1795422381"),
  "20-user-014-createTemplate": async (replayed) => {
    const { volume } = await replayed.call("listVolumes", {
      virtualmachineid: labId(replayed, recordedId.userVm),
    });
    replayed.bindings.bind(recordedId.userDisk, volume[0].id);
  },
  "20-user-036-listVirtualMachines-destroyed-as-user": (replayed) =>
    replayed.job("destroyVirtualMachine", {
      id: labId(replayed, "2b439295-64d2-4341-8e29-422803a9263b"),
    }),
  "22-limit-001-createTemplate-over-limit": (replayed) => limitTemplates(replayed, "1"),
  "23-slow-001-createTemplate-slow": (replayed) => limitTemplates(replayed, "-1"),
  "24-fail-001-createTemplate-agent-fails": async (replayed) => {
    await replayed.job("stopVirtualMachine", { id: labId(replayed, recordedId.userVm) });
    failOnce(replayed, "freeze", "Simulated failure");
  },
  "24-fail-009-stop-agent-fails": async (replayed) => {
    await replayed.job("startVirtualMachine", { id: labId(replayed, recordedId.userVm) });
    failOnce(replayed, "stop", "Simulated failure");
  },
  "30-details-004-createTemplate-blank-ssh-detail": async (replayed) => {
    replayed.caller = replayed.inProcess.lab.keys;
    const networkids = await network(replayed, "n3", "262890e8-64b0-4ed9-9882-1d731b200f78");
    await replayed.call("registerSSHKeyPair", { name: "kk", publickey });
    const { id, disk } = await instance(replayed, { name: "d-vm", networkids, keypairs: "kk" });
    await replayed.job("stopVirtualMachine", { id });
    replayed.bindings.bind("6e3d70a9-399d-4a1e-b1de-cc8f3f85dd2e", id);
    replayed.bindings.bind("f278ac14-a256-4e97-9932-b07799a5d3cd", disk);
    const template = await capture(replayed, { name: "d1", volumeid: disk });
    replayed.bindings.bind("c786f3d2-1f58-4493-805b-b6a0afb109e9", template);
  },
  "30-details-014-createTemplate-from-snapshot-details": async (replayed) => {
    const { id } = await replayed.job("createSnapshot", {
      volumeid: labId(replayed, "f278ac14-a256-4e97-9932-b07799a5d3cd"),
    });
    replayed.bindings.bind("41dcc2be-0979-4617-849c-c12b4c1f3bef", id);
  },
  "31-destroyed-src-006-createTemplate-from-destroyed-vm-job-done": async (replayed) => {
    const { jobid } = await replayed.call("createTemplate", {
      name: "d4",
      displaytext: "d",
      ostypeid: labId(replayed, recordedId.debian),
      volumeid: labId(replayed, "f278ac14-a256-4e97-9932-b07799a5d3cd"),
    });
    replayed.bindings.bind("2ce70137-1e9e-4be9-96ef-f3ea163c89b6", jobid);
  },
  "32-faildeploy-001-deploy-fails-everywhere": async (replayed) =>
    failOnce(replayed, "start", "Simulated failure"),
  "33-misc-007-associate-without-network": (replayed) => network(replayed, "another"),
  "40-restart-001-createTemplate-then-restart": async (replayed) => {
    const networkids = labId(replayed, "262890e8-64b0-4ed9-9882-1d731b200f78");
    const { id, disk } = await instance(replayed, { name: "r-vm", networkids });
    await replayed.job("stopVirtualMachine", { id });
    replayed.bindings.bind("eef327df-ab48-41eb-ad8f-2b9997004e4f", disk);
    const { faults } = replayed.cloud;
    faults.arm("job-lost", { command: "createTemplate" });
    faults.arm("template-never-ready", {});
  },
  "50-user-err-001-createTemplate-vm-running-as-user": async (replayed) => {
    await become(replayed, "builder1795422997");
    const { disk } = await instance(replayed, { name: "e-vm", networkids: await network(replayed, "n5") });
    replayed.bindings.bind("10fdc953-f774-4250-b15e-9c3e19465403", disk);
  },
  "50-user-err-006-registerTemplate-all-zones-as-user": () => image("http://10.147.28.7/x.raw"),
  "51-customjobid-001-createTags-customjobid-as-user": async (replayed) => {
    await become(replayed, "builder1795423194");
    await network(replayed, "n6", "477a080b-5444-426a-beb7-9b15140a3cf1");
  },
};

/** After the exchange of that name, or of the last poll that found a job pending. */
export function after(replayed: Replayed, index: number): void {
  const exchange = exchanges[index];
  const next = exchanges.slice(index + 1).find(({ params }) => params.jobid === exchange?.params.jobid);
  const pending = exchange?.body.queryasyncjobresultresponse?.jobstatus === 0;
  if (!pending || next?.body.queryasyncjobresultresponse?.jobstatus === 0) return;
  const job = replayed.cloud.store.get("jobs", labId(replayed, exchange?.params.jobid ?? ""));
  if (job) replayed.release(job.command);
}

async function limitTemplates(replayed: Replayed, max: string): Promise<void> {
  await asRoot(replayed, async () => {
    const { domain } = await replayed.call("listDomains", { name: "ROOT" });
    const account = "builder1795422381";
    await replayed.call("updateResourceLimit", { account, domainid: domain[0].id, resourcetype: "4", max });
  });
}

/** In the one file that has it root looks at what the user of the file before has. */
export function callAs<T>(replayed: Replayed, name: string, act: () => Promise<T>): Promise<T> {
  return name.startsWith("21-") ? asRoot(replayed, act) : act();
}
