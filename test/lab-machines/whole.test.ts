/** The lab with real machines, as a user has it: deploy, log in, capture, clone, kill -9, down. Needs root. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guestNamespace, routerNames } from "../../lab/network/names.ts";
import { searchImage } from "../../providers/cloudstack/disk-image/search.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { gone, LabProcess } from "../lab/support/process.ts";
import { picture, startBrowser } from "../support/browser.ts";
import { Guests } from "./support/guests.ts";
import { traces } from "./support/host.ts";

const lab = new LabProcess("nspawn");
const guests = new Guests();
let client: Client;
let source: Json;
let template: Json;
let clone: Json;
const deleted = "deleted before the capture";
const trimmed = "deleted and trimmed before it";

beforeAll(async () => {
  client = await lab.up();
  await guests.register(client);
});
afterAll(async () => {
  await lab.end();
  guests.end();
});

const ssh = (address: string, command: string) => guests.ssh(address, command);
const login = (address: string, command: string) => guests.login(address, command);

test("deploy, and log in with the registered key at the public address; user data was taken up", async () => {
  const started = performance.now();
  source = await client.deploy({
    name: "source",
    keypairs: "test",
    rootdisksize: 8,
    userdata: Buffer.from(
      "#cloud-config\nwrite_files:\n- path: /etc/from-user-data\n  content: taken\n",
    ).toString("base64"),
  });
  await login(source.publicip, "true");
  console.log(`deploy to login: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const facts = await ssh(
    source.publicip,
    "cloud-init status --wait >/dev/null; sudo sshd -T | grep -c '^passwordauthentication no'; cat /etc/from-user-data; echo; hostname; cat /sys/devices/system/cpu/online; systemctl is-system-running --wait; df --output=size -BG / | tail -1; ip -4 -br address show eth0",
  );
  const [keysOnly, data, name, processors, state, disk, address] = facts
    .split("\n")
    .map((line) => line.trim());
  expect({ keysOnly, data, name, processors, state }).toEqual({
    keysOnly: "1",
    data: "taken",
    name: "source",
    processors: "0",
    state: "running",
  });
  expect(Number.parseInt(disk ?? "", 10)).toBeGreaterThanOrEqual(7);
  expect(address).toContain(source.nic[0].ipaddress);
});

test("a shell without keys, and the console, from the command line", async () => {
  const shell = await lab.run("ssh", "source", "id -un; pwd; echo shown >/dev/tty1");
  expect(shell).toEqual({ code: 0, stdout: "root\n/root\n", stderr: "" });
  expect((await lab.run("ssh", "source", "exit 7")).code).toBe(7);
  const main = join(import.meta.dirname, "../../lab/main.ts");
  const console = spawn(process.execPath, [main, "--home", lab.home, "console", "source"]);
  let text = "";
  console.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (text.includes("shown")) console.stdin.write("\x1d");
  });
  const code = await new Promise((resolve) => console.once("exit", resolve));
  expect(code).toBe(0);
  expect(text).toContain("shown");
});

test("the console in a browser: what tty1 shows is seen, and keys reach the program there", async () => {
  const script =
    "exec <>/dev/tty1 >&0; stty sane -echo; clear; echo Your name?; read -r name; echo Welcome, $name";
  const program = ssh(source.publicip, `sudo setsid --wait bash -c '${script}'`);
  const { consoleendpoint } = await client.call("createConsoleEndpoint", { virtualmachineid: source.id });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(consoleendpoint.url);
    const screen = page.locator(".xterm-rows");
    await screen.getByText("Your name?").waitFor();
    await page.keyboard.type("Ada");
    await page.keyboard.press("Enter");
    await screen.getByText("Welcome, Ada").waitFor();
    await program;
    await page.screenshot({ path: picture("lab-machine-console") });
    await page.goto((await lab.control.status())?.page ?? "");
    await page.getByRole("link", { name: "Console of source" }).waitFor();
    await page.screenshot({ path: picture("lab-machine-page") });
  } finally {
    await browser.close();
  }
});

test("capture, and a clone that has what was captured and an identity of its own", async () => {
  const written = `printf '%s' '${deleted}' >~/gone; printf '%s' '${trimmed}' >~/sooner; sync`;
  await ssh(source.publicip, `echo captured | sudo tee /root/mark >/dev/null; ${written}`);
  await ssh(source.publicip, "rm ~/sooner; sync; sudo fstrim /run/host/root-disk; rm ~/gone; sync");
  await client.job("stopVirtualMachine", { id: source.id });
  await expect(ssh(source.publicip, "true")).rejects.toThrow();
  const volumeid = (await client.call("listVolumes", { virtualmachineid: source.id })).volume[0].id;
  const { ostypeid } = await client.world();
  ({ template } = await client.job("createTemplate", { name: "captured", ostypeid, volumeid }));
  expect(template).toMatchObject({ isready: true, size: 8 * 1024 ** 3 });
  expect(template.physicalsize).toBeGreaterThan(1024 ** 2);
  clone = await client.deploy({ name: "clone", templateid: template.id, keypairs: "test" });
  await client.job("startVirtualMachine", { id: source.id });
  for (const { publicip, name } of [clone, source]) {
    expect(await login(publicip, "hostname; sudo cat /root/mark")).toBe(`${name}\ncaptured`);
  }
  await ssh(clone.publicip, "echo changed | sudo tee /root/mark >/dev/null");
  expect(await ssh(source.publicip, "sudo cat /root/mark")).toBe("captured");
});

test("a saved state brings disks, layers and running machines back", async () => {
  const mark = (word: string) => ssh(source.publicip, `echo ${word} | sudo tee /root/mark >/dev/null; sync`);
  await mark("saved");
  const saved = await lab.run("state", "save", "with-disks");
  expect(saved).toMatchObject({ code: 0 });
  await login(source.publicip, "true");
  await mark("later");
  await client.job("destroyVirtualMachine", { id: clone.id, expunge: true });
  await client.job("deleteTemplate", { id: template.id });
  expect(await lab.run("state", "restore", "with-disks")).toMatchObject({ code: 0 });
  expect(await login(source.publicip, "sudo cat /root/mark")).toBe("saved");
  expect(await login(clone.publicip, "sudo cat /root/mark; hostname")).toBe("changed\nclone");
  const again = await client.deploy({ name: "again", templateid: template.id, keypairs: "test" });
  expect(await login(again.publicip, "sudo cat /root/mark")).toBe("captured");
  await client.job("destroyVirtualMachine", { id: again.id, expunge: true });
  await mark("captured");
  await lab.run("state", "delete", "with-disks");
});

test("what the source deleted is still in the template's disk image, and a machine is made of that image", async () => {
  const { zoneid, ostypeid } = await client.world();
  const mode = "HTTP_DOWNLOAD";
  const { template: extract } = await client.job("extractTemplate", { id: template.id, mode, zoneid });
  const file = join(lab.home, "secondary", "extracts", basename(new URL(extract.url).pathname));
  const { signal } = new AbortController();
  const texts = { deleted, trimmed };
  const { findings } = await searchImage(file, texts, { signal, onBytes: () => undefined });
  expect(findings.map(({ name }) => name)).toEqual(["deleted"]);
  const {
    template: [registered],
  } = await client.call("registerTemplate", {
    name: "from-image",
    url: extract.url,
    format: "QCOW2",
    hypervisor: "KVM",
    ostypeid,
    zoneid,
  });
  for (;;) {
    const { template: found } = await client.call("listTemplates", {
      templatefilter: "self",
      id: registered.id,
    });
    expect(found[0].downloaddetails[0].downloadState, found[0].status).not.toBe("DOWNLOAD_ERROR");
    if (found[0].isready) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const machine = await client.deploy({ name: "of-image", templateid: registered.id, keypairs: "test" });
  expect(await login(machine.publicip, "sudo cat /root/mark; hostname")).toBe("captured\nof-image");
  await client.job("destroyVirtualMachine", { id: machine.id, expunge: true });
  await client.job("deleteTemplate", { id: registered.id });
});

test("kill -9 of the lab: machines keep running, and the next start has them all", async () => {
  const boot = await ssh(
    clone.publicip,
    "cat /proc/sys/kernel/random/boot_id; systemctl show -p ActiveEnterTimestamp basic.target",
  );
  await lab.kill();
  expect(await ssh(clone.publicip, "hostname")).toBe("clone");
  client = await lab.up();
  const { virtualmachine } = await client.call("listVirtualMachines");
  expect(virtualmachine.map(({ name, state }: Json) => [name, state])).toEqual([
    ["source", "Running"],
    ["clone", "Running"],
  ]);
  expect(
    await ssh(
      clone.publicip,
      "cat /proc/sys/kernel/random/boot_id; systemctl show -p ActiveEnterTimestamp basic.target",
    ),
  ).toBe(boot);
  await client.job("rebootVirtualMachine", { id: clone.id });
  expect(await login(clone.publicip, "sudo cat /root/mark")).toBe("changed");
});

/** The lab is killed at the step of a command's job, and started again; how the job ended. */
async function killedAt(step: string, moment: string, command: string, fields: Json): Promise<Json> {
  const pid = await lab.pid();
  const customjobid = randomUUID();
  await lab.control.arm("kill", { step, moment });
  // The answer itself may be lost with the process.
  await client.call(command, { ...fields, customjobid }).catch(() => undefined);
  await gone(pid);
  client = await lab.up();
  return client.done(customjobid);
}

test("killed while it deploys, stops, captures and deletes, it finishes each, and leaves nothing of what is gone", async () => {
  const { ostypeid, ...place } = await client.world();
  const deploy = (step: string, moment: string, name: string) =>
    killedAt(step, moment, "deployVirtualMachine", { ...place, name, keypairs: "test" });
  const machines = () => readdirSync(join(lab.home, "machines")).sort();
  const layers = () => readdirSync(join(lab.home, "layers")).sort();
  const before = [machines(), layers()];

  const first = await deploy("instance start", "after", "first");
  const second = await deploy("instance started", "before", "second");
  const [one, two] = [first, second].map((job) => job.jobresult?.virtualmachine ?? expect.fail(job));
  expect(await login(one.publicip, "echo mine | sudo tee /root/mark >/dev/null; sync; hostname")).toBe(
    "first",
  );
  expect(await login(two.publicip, "hostname")).toBe("second");

  for (const [step, moment, { id }] of [
    ["instance stop", "after", one],
    ["instance stopped", "before", two],
  ] as const) {
    const stopped = await killedAt(step, moment, "stopVirtualMachine", { id });
    expect(stopped).toMatchObject({ jobstatus: 1, jobresult: { virtualmachine: { state: "Stopped" } } });
    await expect(lab.run("ssh", id, "true")).resolves.toMatchObject({ code: 1 });
  }

  const { id } = one;
  const volumeid = (await client.call("listVolumes", { virtualmachineid: id })).volume[0].id;
  const captured = [];
  for (const step of ["template frozen", "template captured"]) {
    const job = await killedAt(step, "before", "createTemplate", { name: step, ostypeid, volumeid });
    expect(job).toMatchObject({ jobstatus: 1, jobresult: { template: { isready: true } } });
    captured.push(job.jobinstanceid);
  }
  await client.job("startVirtualMachine", { id });
  expect(await login(one.publicip, "hostname; sudo cat /root/mark")).toBe("first\nmine");

  for (const [step, moment, { id }] of [
    ["instance expunge", "after", two],
    ["job succeed", "before", one],
  ] as const) {
    const job = await killedAt(step, moment, "destroyVirtualMachine", { id, expunge: true });
    expect(job).toMatchObject({ jobstatus: 1 });
  }
  const [frozen, whole] = captured;
  expect(await killedAt("template delete", "after", "deleteTemplate", { id: frozen })).toMatchObject({
    jobstatus: 1,
  });
  expect(await killedAt("job succeed", "before", "deleteTemplate", { id: whole })).toMatchObject({
    jobstatus: 1,
  });
  await expect.poll(() => [machines(), layers()]).toEqual(before);
  for (const machine of [one, two]) {
    expect(traces(lab.home).join("\n")).not.toContain(guestNamespace(lab.home, machine.id));
  }
});

test("a machine that powers itself off is found off", async () => {
  await ssh(source.publicip, "sudo systemctl poweroff --no-block").catch(() => undefined);
  const state = async () =>
    (await client.call("listVirtualMachines", { id: source.id })).virtualmachine[0].state;
  while ((await state()) !== "Stopped") await new Promise((resolve) => setTimeout(resolve, 500));
});

test("a system that does not boot: instance in Error with the reason, nothing of it runs, and its name is free again", async () => {
  const broken = await client.deploy({ name: "broken", keypairs: "test" });
  await lab.run("ssh", "broken", "rm -f /sbin/init /lib/systemd/systemd /usr/lib/systemd/systemd; sync");
  await client.job("stopVirtualMachine", { id: broken.id, forced: true });
  const volumeid = (await client.call("listVolumes", { virtualmachineid: broken.id })).volume[0].id;
  const { ostypeid } = await client.world();
  const captured = await client.job("createTemplate", { name: "broken", ostypeid, volumeid });
  await expect(client.deploy({ name: "unborn", templateid: captured.template.id })).rejects.toThrow(
    /Unable to start a VM/,
  );
  const [unborn] = (await client.call("listVirtualMachines", { name: "unborn" })).virtualmachine;
  expect(unborn.state).toBe("Error");
  expect(traces(lab.home).join("\n")).not.toContain(guestNamespace(lab.home, unborn.id));
  for (const id of [unborn.id, broken.id]) await client.job("destroyVirtualMachine", { id, expunge: true });
  await client.job("deleteTemplate", { id: captured.template.id });
});

test("down leaves no process, mount, interface, namespace or rule; up brings the machines back", async () => {
  const network = (await client.world()).networkids;
  // The guard sees what it looks for.
  const present = traces(lab.home).join("\n");
  for (const part of [
    routerNames(lab.home, network).table,
    routerNames(lab.home, network).uplink,
    guestNamespace(lab.home, clone.id),
    "loop device",
    "control group",
    "process",
  ]) {
    expect(present).toContain(part);
  }
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  expect(traces(lab.home)).toEqual([]);
  client = await lab.up();
  expect(await login(clone.publicip, "sudo cat /root/mark")).toBe("changed");
  await lab.kill();
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  expect(traces(lab.home)).toEqual([]);
});

test("reset empties it, also while machines run and the lab is killed", async () => {
  client = await lab.up();
  await login(clone.publicip, "true");
  await lab.kill();
  expect(await lab.run("reset")).toMatchObject({ code: 0 });
  expect(readdirSync(tmpdir())).not.toContain(lab.home.split("/").at(-1));
  // Names come from the folder; an empty one stands in for the folder that is gone.
  mkdirSync(lab.home);
  expect(traces(lab.home)).toEqual([]);
});
