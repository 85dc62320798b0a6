/** The base that holds kernel and boot loader: its templates' disks start by themselves. Needs root. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgroupFolders } from "../../lab/machines/cgroups.ts";
import { Layers } from "../../lab/machines/layers.ts";
import { createQemuRunner } from "../../lab/machines/qemu/index.ts";
import { portName } from "../../lab/network/names.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Computer, ofVmware } from "./support/computer.ts";
import { Guests } from "./support/guests.ts";
import { traces } from "./support/host.ts";
import { Reader } from "./support/reader.ts";

const lab = new LabProcess("nspawn");
const guests = new Guests();
let client: Client;
/** Captured from a container of the base with a kernel. */
let template: Json;
/** Of that template, run by QEMU. */
let machine: Json;
/** A data disk of its. */
let volume: Json;

beforeAll(async () => {
  client = await lab.up();
  await guests.register(client);
});
afterAll(async () => {
  await lab.end();
  guests.end();
});

async function extracted(id: string): Promise<string> {
  const { zoneid } = await client.world();
  const { template: extract } = await client.job("extractTemplate", { id, zoneid, mode: "HTTP_DOWNLOAD" });
  return join(lab.home, "secondary/extracts", new URL(extract.url).pathname.split("/").at(-1) ?? "");
}

async function captured(instance: Json, name: string): Promise<Json> {
  await client.job("stopVirtualMachine", { id: instance.id });
  const volumeid = (await client.call("listVolumes", { virtualmachineid: instance.id })).volume[0].id;
  const { ostypeid } = await client.world();
  return (await client.job("createTemplate", { name, ostypeid, volumeid })).template;
}

const folderOf = ({ id }: Json) => join(lab.home, "machines", id);

/** Times that it has asked for a login at its serial port. */
const prompts = () => readFileSync(join(folderOf(machine), "boot.log"), "utf8").split("login: ").length - 1;

async function booted(before: number): Promise<void> {
  while (prompts() <= before) await new Promise((resolve) => setTimeout(resolve, 200));
}

test("a container made of the base with a kernel is a machine like any other, and can be captured", async () => {
  const { template: featured } = await client.call("listTemplates", { templatefilter: "featured" });
  const base = featured.find(({ name }: Json) => / with kernel \(lab\)$/u.test(name));
  expect(base).toMatchObject({ isready: true, size: 3 * 1024 ** 3 });
  const source = await client.deploy({ name: "source", templateid: base.id, keypairs: "test" });
  expect(await guests.login(source.publicip, "cloud-init status --wait; systemd-detect-virt")).toContain(
    "systemd-nspawn",
  );
  // As in an appliance; what is asked for by cloud-init would only be waited for outside of a cloud.
  await guests.ssh(source.publicip, "sudo touch /etc/cloud/cloud-init.disabled /root/mark");
  template = await captured(source, "with-kernel");
  await client.job("destroyVirtualMachine", { id: source.id, expunge: true });
});

test("its disk image starts by itself on VMware's virtual hardware, and a machine of it with a kernel of its own", async () => {
  const image = await extracted(template.id);
  execFileSync("qemu-img", ["check", "-q", image]);
  const deploying = client.deploy({
    name: "real",
    templateid: template.id,
    keypairs: "test",
    rootdisksize: 6,
    "details[0].lab.hypervisor": "qemu",
  });
  const computer = await Computer.on(image, ofVmware);
  try {
    const facts = [
      "systemd-detect-virt",
      "sudo ls /root/mark",
      "findmnt -no SOURCE,FSTYPE /",
      "ls /sys/bus/pci/drivers/vmw_pvscsi /sys/bus/pci/drivers/vmxnet3",
    ];
    await computer.says("login: ");
    const said = await guests.login("127.0.0.1", facts.join("; "), computer.port);
    expect(said).toMatch(/^\S+\n\/root\/mark\n\/dev\/sda1 ext4\n/u);
    for (const driver of ["vmw_pvscsi", "vmxnet3"]) {
      expect(said).toMatch(new RegExp(`${driver}:\\n0000:`, "u"));
    }
  } finally {
    await computer.off();
  }
  machine = await deploying;
  await booted(0);
});

test("it has the offering's size, an address by DHCP and metadata of its own, and the lab's root disk size", async () => {
  const facts = [
    "nproc --all",
    "awk '/^MemTotal:/ { print ($2 > 900 * 1024 && $2 < 1025 * 1024) }' /proc/meminfo",
    "df --output=size --block-size=1G / | tail -n 1 | tr -d ' '",
    "curl -sf http://data-server/latest/instance-id",
    "echo",
    "hostname -I",
    "uname -r",
    "cat /proc/cmdline",
  ].join("; ");
  const said = (await guests.login(machine.publicip, facts)).split("\n");
  expect(said.slice(0, 5).map((line) => line.trim())).toEqual([
    "1",
    "1",
    "6",
    machine.id,
    machine.nic[0].ipaddress,
  ]);
  expect(said[5]).not.toBe(release());
  expect(said[6]).toContain("root=UUID=");
  const groups = cgroupFolders(lab.home, machine.id);
  const [limit = ""] = groups
    .flatMap((folder) => ["memory.limit_in_bytes", "memory.max"].map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
  expect(Number(readFileSync(limit, "utf8"))).toBeLessThan(1600 * 1024 ** 2);
});

test("tty1 is text to everybody who looks, takes keys, and is a picture too", async () => {
  const { consoleSocket } = await lab.control.machine("real");
  const first = new Reader(consoleSocket);
  await first.until("login: ");
  const second = new Reader(consoleSocket);
  await second.until("login: ");
  second.type("nobody\r");
  await Promise.all([first.until("Password: "), second.until("Password: ")]);
  for (const reader of [first, second]) reader.end();
  const picture = join(lab.home, "tty1.png");
  expect(await lab.run("screen", "real", picture)).toMatchObject({ code: 0 });
  const content = readFileSync(picture);
  expect(content.subarray(1, 4).toString()).toBe("PNG");
  expect(content.readUInt32BE(16)).toBe(720);
  expect((await lab.run("ssh", "real", "true")).stderr).toContain("it runs under QEMU");
});

test("a guest that writes to its serial port without end does not fill the host's disk", async () => {
  const endless = "sudo bash -c 'head --bytes 1100K /dev/zero | tr \\\\0 x >/dev/ttyS0'";
  await guests.ssh(machine.publicip, endless);
  const sizes = ["boot.log", "boot.log.1"].map((name) => statSync(join(folderOf(machine), name)).size);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(1024 ** 2);
});

test("a data disk is empty, is plugged in and out while the machine runs, and keeps what the guest writes", async () => {
  const { diskoffering } = await client.call("listDiskOfferings", { name: "5 GiB" });
  ({ volume } = await client.job("createVolume", { name: "data", diskofferingid: diskoffering[0].id }));
  const place = { id: volume.id, virtualmachineid: machine.id };
  expect((await client.job("attachVolume", place)).volume).toMatchObject({ deviceid: 1, state: "Ready" });
  const size = "lsblk --nodeps --noheadings --bytes --output SIZE /dev/vdb";
  expect(await guests.login(machine.publicip, `udevadm settle; ${size}`)).toBe(String(5 * 1024 ** 3));
  await guests.ssh(
    machine.publicip,
    "sudo mkfs.ext4 -q /dev/vdb && sudo mount /dev/vdb /mnt && echo kept | sudo tee /mnt/mark && sudo umount /mnt",
  );
  await expect(client.job("resizeVolume", { id: volume.id, size: 6 })).rejects.toThrow("no machine has");
  await client.job("detachVolume", { id: volume.id });
  expect(await guests.ssh(machine.publicip, "ls /dev/vdb 2>/dev/null || true")).toBe("");
});

test("a clean stop by its power button; what is captured of it is its disk as it is, for containers too", async () => {
  await guests.ssh(
    machine.publicip,
    "sudo rm /root/mark; sudo systemd-run --quiet --unit=last --property='ExecStop=/bin/touch /root/stopped' sleep infinity",
  );
  const ofReal = await captured(machine, "of-real");
  expect(ofReal).toMatchObject({ isready: true, size: 6 * 1024 ** 3 });
  const container = await client.deploy({
    name: "container",
    templateid: ofReal.id,
    keypairs: "test",
    "details[0].lab.hypervisor": "nspawn",
  });
  expect(await guests.login(container.publicip, "sudo ls /root; systemd-detect-virt")).toBe(
    "stopped\nsystemd-nspawn",
  );
  await client.job("destroyVirtualMachine", { id: container.id, expunge: true });
});

test("started with its data disk and rebooted from inside it goes on running; when its emulator dies it is found off, and nothing of it is left", async () => {
  await client.job("attachVolume", { id: volume.id, virtualmachineid: machine.id });
  const before = prompts();
  await client.job("startVirtualMachine", { id: machine.id });
  await booted(before);
  const read = "sudo mount /dev/vdb /mnt && sudo cat /mnt/mark";
  expect(await guests.login(machine.publicip, read)).toBe("kept");
  const started = prompts();
  await guests.ssh(machine.publicip, "sudo systemctl reboot --no-block");
  await booted(started);
  const state = async () =>
    (await client.call("listVirtualMachines", { id: machine.id })).virtualmachine[0].state;
  expect(await state()).toBe("Running");
  const { leader } = JSON.parse(readFileSync(join(folderOf(machine), "running.json"), "utf8"));
  process.kill(leader.pid, "SIGKILL");
  while ((await state()) !== "Stopped") await new Promise((resolve) => setTimeout(resolve, 200));
  const left = traces(lab.home).join("\n");
  for (const name of [
    portName(lab.home, machine.id, 0),
    ...cgroupFolders(lab.home, machine.id),
    `${machine.id}/`,
  ])
    expect(left).not.toContain(name);
});

test("what has no kernel cannot be run by it, and the answer says why and what to take", async () => {
  await expect(client.deploy({ name: "kernelless", "details[0].lab.hypervisor": "qemu" })).rejects.toThrow(
    /no kernel and boot loader[\s\S]*with kernel/u,
  );
  await expect(client.deploy({ name: "unknown", "details[0].lab.hypervisor": "xen" })).rejects.toThrow(
    "the lab has: nspawn, qemu",
  );
  const [base] = (await client.call("listTemplates", { templatefilter: "featured" })).template;
  const image = await extracted(base.id);
  const head = join(lab.home, "first-sector");
  const part = ["bs=512", "count=1", `if=${image}`, `of=${head}`];
  execFileSync("qemu-img", ["dd", "-U", "-f", "qcow2", "-O", "raw", ...part]);
  expect(
    readFileSync(head)
      .subarray(0, 440)
      .every((byte) => byte === 0),
  ).toBe(true);
});

test("without QEMU on the host the answer names the package", async () => {
  const { PATH } = process.env;
  const runner = createQemuRunner(lab.home, join(lab.home, "machines"), new Layers(lab.home));
  process.env.PATH = join(lab.home, "nothing");
  const spec = { id: "none", name: "none", layers: [], cpu: 1, memoryMiB: 512, rootDiskGiB: 1, nics: [] };
  try {
    await expect(runner.create(spec)).rejects.toThrow(/ENOENT[\s\S]*install .* qemu-system-x86/u);
  } finally {
    process.env.PATH = PATH;
  }
  expect(existsSync(join(lab.home, "machines", "none"))).toBe(false);
});

test("in a lab of --driver qemu it runs every machine, and the only base template has a kernel", async () => {
  const all = new LabProcess("qemu");
  try {
    const there = await all.up();
    const { template: featured } = await there.call("listTemplates", { templatefilter: "featured" });
    const names = featured.map(({ name }: Json) => name);
    expect(names).toEqual(names.map(() => expect.stringMatching(/ with kernel \(lab\)$/u)));
    const one = await there.deploy({ name: "one" });
    const { enter, state } = await all.control.machine("one");
    expect([enter, state]).toEqual([undefined, "Running"]);
    await there.job("stopVirtualMachine", { id: one.id, forced: true });
  } finally {
    await all.end();
  }
});

test("down leaves nothing", async () => {
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  expect(traces(lab.home)).toEqual([]);
  client = await lab.up();
});
