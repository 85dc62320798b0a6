/** What a machine of the lab is: its size, its disk, its console, its network. Needs root. */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgroupFolders } from "../../lab/machines/cgroups.ts";
import { guestNamespace, labPrefixes } from "../../lab/network/names.ts";
import type { Client, Json } from "../lab/support/client.ts";
import { gone, LabProcess } from "../lab/support/process.ts";
import { Guests } from "./support/guests.ts";
import { openToOthers, traces } from "./support/host.ts";
import { Reader } from "./support/reader.ts";

const lab = new LabProcess("nspawn");
const guests = new Guests();
let client: Client;
/** 1 processor, 1 GiB of memory, 4 GiB of disk. */
let small: Json;
/** 4 processors, 8 GiB of memory, 100 GiB of disk. */
let large: Json;

beforeAll(async () => {
  client = await lab.up();
  await guests.register(client);
  const { serviceoffering } = await client.call("listServiceOfferings", { name: "4 vCPU, 8 GiB" });
  [small, large] = await Promise.all([
    client.deploy({ name: "small", keypairs: "test", rootdisksize: 4 }),
    client.deploy({
      name: "large",
      keypairs: "test",
      rootdisksize: 100,
      serviceofferingid: serviceoffering[0].id,
    }),
  ]);
  for (const { publicip } of [small, large]) await guests.login(publicip, "cloud-init status --wait");
});
afterAll(async () => {
  await lab.end();
  guests.end();
});

const on = (machine: Json, command: string) => guests.ssh(machine.publicip, command);

test("a machine has the processors, the memory and the disk that were asked for", async () => {
  const facts = [
    "nproc --all",
    "test $(nproc) -le $(nproc --all) && echo counted",
    "getconf _NPROCESSORS_ONLN",
    "grep -c ^processor /proc/cpuinfo",
    "awk '/^MemTotal:/ { print $2 / 1024 }' /proc/meminfo",
    "awk '/^MemAvailable:/ { print ($2 > 0) }' /proc/meminfo",
    "df --output=size --block-size=1G / | tail -n 1 | tr -d ' '",
    "findmnt --noheadings --output TARGET --target /tmp",
  ].join("; ");
  expect((await on(small, facts)).split("\n")).toEqual(["1", "counted", "1", "1", "1024", "1", "4", "/"]);
  expect((await on(large, facts)).split("\n")).toEqual(["4", "counted", "4", "4", "8192", "1", "100", "/"]);
});

test("the memory ends where the offering ends, and the machine survives it", async () => {
  const take = (mebibytes: number) =>
    `python3 -c 'print(len(bytearray(${mebibytes} * 1024 * 1024)) // 1024 // 1024)'`;
  expect(await on(large, take(1200))).toBe("1200");
  await expect(on(small, take(1200))).rejects.toThrow();
  expect(await on(small, "hostname")).toBe("small");
});

test("the processors' time ends where the offering ends, also for a guest that takes every processor", async () => {
  const numbersIn = (name: string) => {
    const [file] = cgroupFolders(lab.home, small.id)
      .map((folder) => join(folder, name))
      .filter((path) => existsSync(path));
    return file === undefined ? [] : readFileSync(file, "utf8").trim().split(" ").map(Number);
  };
  const [quota = 0, period = 1] = [
    ...numbersIn("cpu.max"),
    ...numbersIn("cpu.cfs_quota_us"),
    ...numbersIn("cpu.cfs_period_us"),
  ];
  expect(quota / period).toBe(1);
  const seconds = 4;
  const all = "taskset --all-tasks --cpu-list --pid 0-$(($(grep -c ^cpu[0-9] /proc/stat) - 1)) $$ >/dev/null";
  const burn = `timeout ${seconds} sh -c "while :; do :; done"`;
  const used = await on(small, `sudo bash -c '${all}; TIMEFORMAT=%U; time (${burn} & ${burn}; wait)' 2>&1`);
  expect(Number(used)).toBeGreaterThan(0);
  expect(Number(used)).toBeLessThan(1.2 * seconds);
});

test("a large disk costs nothing until it is filled", () => {
  const { size, blocks } = statSync(join(lab.home, "machines", large.id, "disk.ext4"));
  expect(size).toBe(100 * 1024 ** 3);
  expect(blocks * 512).toBeLessThan(200 * 1024 ** 2);
});

test("a full disk is the guest's alone, and a guest that trims gives its space back to the host", async () => {
  const disk = join(lab.home, "machines", small.id, "disk.ext4");
  const free = () => {
    const { bavail, bsize } = statfsSync(lab.home);
    return bavail * bsize;
  };
  const before = free();
  await expect(on(small, "fallocate --length 5G ~/too-much")).rejects.toThrow(/No space left on device/u);
  await expect(
    on(
      small,
      "rm ~/too-much; fallocate --length 3G ~/most; sudo dd if=/dev/zero of=/var/rest bs=1M status=none; sync",
    ),
  ).resolves.toBe("");
  await expect(on(small, "fallocate --length 8M ~/more")).rejects.toThrow(/No space left on device/u);
  expect(free()).toBeGreaterThan(before - 4.5 * 1024 ** 3);
  expect(await on(large, "echo fits >~/fits && cat ~/fits")).toBe("fits");
  await on(small, "sudo rm -f /var/rest ~/most");
  expect(await on(small, "echo more >~/more && cat ~/more")).toBe("more");
  const untrimmed = statSync(disk).blocks;
  // What a journal has not written down yet is not free.
  await on(small, "sync; sudo fstrim /run/host/root-disk");
  await client.job("stopVirtualMachine", { id: small.id });
  expect(statSync(disk).blocks).toBeLessThan(untrimmed / 2);
  await client.job("startVirtualMachine", { id: small.id });
  expect(await guests.login(small.publicip, "cat ~/more")).toBe("more");
});

test("two machines have control groups of their own: a service stopped in one runs on in the other", async () => {
  const [folder = ""] = cgroupFolders(lab.home, small.id);
  expect(cgroupFolders(lab.home, large.id)).not.toContain(folder);
  const leader = Number(
    JSON.parse(readFileSync(join(lab.home, "machines", small.id, "running.json"), "utf8")).leader.pid,
  );
  expect(readFileSync(`/proc/${leader}/cgroup`, "utf8")).toContain(`/${folder.split("/").at(-1)}/payload/`);
  await on(small, "sudo systemctl stop systemd-resolved");
  expect(await on(large, "systemctl is-active systemd-resolved")).toBe("active");
  await on(small, "sudo systemctl start systemd-resolved");
});

test("tty1: what is shown reaches every reader, also one that comes later, and keys reach the program", async () => {
  const script =
    "exec <>/dev/tty1 >&0; stty sane -echo; echo Your name?; read -r name; echo Welcome, $name; stty size";
  const program = on(small, `sudo setsid --wait bash -c '${script}'`);
  const path = (await lab.control.machine("small")).consoleSocket;
  const first = new Reader(path);
  const second = new Reader(path);
  await Promise.all([first.until("Your name?"), second.until("Your name?")]);
  second.type("Ada\n");
  await Promise.all([first.until("Welcome, Ada"), second.until("Welcome, Ada")]);
  await program;
  const late = new Reader(path);
  await late.until("25 80");
  for (const reader of [first, second, late]) reader.end();
});

test("a reader of tty1 that left in the middle of the text is no harm to the next ones, nor to the machine", async () => {
  const path = (await lab.control.machine("small")).consoleSocket;
  const shows = (word: string) => `sudo bash -c 'for i in $(seq 300); do echo ${word}; done >/dev/tty1'`;
  for (const word of ["one", "two"]) {
    const leaving = new Reader(path);
    const writing = on(small, shows(word));
    await leaving.until(word);
    leaving.end();
    await writing;
  }
  const next = new Reader(path);
  await on(small, shows("three"));
  await next.until("three");
  next.end();
});

test("a guest that writes to its console without end does not fill the host's disk", async () => {
  await on(small, "sudo bash -c 'head --bytes 4M /dev/zero | tr \\\\0 x >/dev/tty1'");
  const { size } = statSync(join(lab.home, "machines", small.id, "screen"));
  expect(size).toBeLessThanOrEqual(64 * 1024);
});

test("every port of a guest is at its loopback address, and nothing listens for others on the host", async () => {
  const serve = (port: number, text: string) =>
    `mkdir -p ~/${port} && cd ~/${port} && echo ${text} >index.html && ` +
    `(setsid python3 -m http.server ${port} >/dev/null 2>&1 </dev/null &) ; ` +
    `until curl -sf http://127.0.0.1:${port}/ >/dev/null; do sleep 0.1; done`;
  await on(large, `${serve(3001, "gui")}; ${serve(48901, "any")}`);
  const get = async (address: string) => (await (await fetch(`http://${address}/`)).text()).trim();
  expect(await get(`${large.publicip}:3001`)).toBe("gui");
  expect(await get(`${large.publicip}:48901`)).toBe("any");
  await expect(get(`${small.publicip}:3001`)).rejects.toThrow();
  expect(large.publicip).toMatch(/^127\./u);
  const listening = openToOthers().join(" ");
  for (const port of ["3001", "48901"]) expect(listening).not.toContain(`:${port}`);
});

/** Of the host, on the cable to the lab's router. */
function uplinkAddress(): string {
  const { uplink } = labPrefixes(lab.home);
  const lines = execFileSync("ip", ["-4", "-o", "address", "show"], { encoding: "utf8" }).split("\n");
  const own = lines.find((line) => line.includes(` ${uplink}`)) ?? "";
  return /inet (\S+) peer/u.exec(own)?.[1] ?? expect.fail(`no address of ${uplink}`);
}

test("guests know each other by name, and reach neither the host's services nor its loopback", async () => {
  expect(await on(small, `getent hosts large | cut -d' ' -f1`)).toBe(large.nic[0].ipaddress);
  expect(await on(small, "ping -c 1 -W 5 large >/dev/null && echo answers")).toBe("answers");
  const { port } = new URL(client.target.url);
  const uplink = uplinkAddress();
  // Guard of the guard: the host itself gets through to its endpoint.
  expect((await fetch(client.target.url)).status).toBe(401);
  await expect(on(small, `curl -s -m 3 http://${uplink}:${port}/`)).rejects.toThrow();
  await expect(on(small, `curl -s -m 3 http://127.0.0.1:${port}/`)).rejects.toThrow();
  // A service of the host at the very address that the guests' packets come by, as one that listens everywhere has it.
  const service = createServer((socket) => socket.end("reached"));
  await once(service.listen(0, uplink), "listening");
  const { port: open } = service.address() as AddressInfo;
  try {
    await once(connect(open, uplink), "data");
    await expect(on(small, `timeout 3 bash -c 'cat </dev/tcp/${uplink}/${open}'`)).rejects.toThrow();
  } finally {
    service.close();
  }
});

test("packets that a guest writes itself, to the host's loopback and past its own routes, come to nothing", async () => {
  const uplink = uplinkAddress();
  const got: string[] = [];
  const sockets = await Promise.all(
    ["127.0.0.1", uplink].map(async (address) => {
      const socket = createSocket("udp4", (message) => got.push(`${address} ${message}`));
      await once(socket.bind(0, address), "listening");
      return socket;
    }),
  );
  try {
    const targets = sockets.map((socket) => `${socket.address().address} ${socket.address().port}`);
    const script = readFileSync(join(import.meta.dirname, "support", "write_packets.py"), "utf8");
    const sent = await on(small, `sudo python3 - ${targets.join(" ")} <<'EOF'\n${script}\nEOF`);
    expect(sent).toBe("sent 2");
    // Guard of the guard: what the host sends there is got, after whatever the guest has sent.
    for (const socket of sockets) {
      const { address, port } = socket.address();
      socket.send("from the host", port, address);
    }
    await expect.poll(() => got.length).toBeGreaterThanOrEqual(2);
    expect(got.sort()).toEqual([`127.0.0.1 from the host`, `${uplink} from the host`].sort());
  } finally {
    for (const socket of sockets) socket.close();
  }
});

test("metadata is each guest's own", async () => {
  const ask = (machine: Json, what: string) =>
    on(machine, `curl -sf http://data-server/latest/meta-data/${what}`);
  for (const machine of [small, large]) {
    expect(await ask(machine, "local-hostname")).toBe(machine.name);
    expect(await ask(machine, "instance-id")).toBe(machine.id);
    expect(await ask(machine, "local-ipv4")).toBe(machine.nic[0].ipaddress);
    expect(await ask(machine, "public-keys")).toMatch(/^ssh-ed25519 /u);
  }
  await expect(ask(small, "no-such-name")).rejects.toThrow();
});

test("what a guest asks for does not end the metadata of its network", async () => {
  const status = (path: string) =>
    on(small, `curl -s -o /dev/null -w '%{http_code}' --path-as-is 'http://data-server${path}'`);
  for (const path of ["///%2f", "/latest/meta-data/constructor", "/latest/meta-data/__proto__"])
    expect([path, await status(path)]).toEqual([path, "404"]);
  expect(await status("/latest/instance-id")).toBe("200");
});

test("a guest that takes another one's addresses does not get its metadata", async () => {
  const [theirs] = large.nic;
  const ask = (from: string) =>
    `sudo curl -s -m 2 --interface ${from} http://$(getent hosts data-server | cut -d' ' -f1)/latest/instance-id`;
  await on(small, `sudo ip address add ${theirs.ipaddress}/32 dev eth0`);
  await expect(on(small, ask(theirs.ipaddress))).rejects.toThrow();
  await on(small, `sudo ip address delete ${theirs.ipaddress}/32 dev eth0`);
  const cards = [
    `ip link add spoof link eth0 address ${theirs.macaddress} type macvlan mode bridge`,
    `ip address add ${theirs.ipaddress}/20 dev spoof`,
    "ip link set spoof up",
  ];
  await on(small, `sudo bash -ec '${cards.join("; ")}'`);
  await expect(on(small, ask("spoof"))).rejects.toThrow();
  await on(small, "sudo ip link delete spoof");
  expect(await on(large, ask("eth0"))).toBe(large.id);
  expect(await on(small, ask("eth0"))).toBe(small.id);
});

test("a network whose services were killed is healed at the next start, and guests stay connected", async () => {
  const pids = execFileSync("pgrep", ["-f", `${lab.home}/network/`], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(pids.length).toBeGreaterThanOrEqual(2);
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  await expect(on(small, "curl -sf -m 2 http://data-server/latest/instance-id")).rejects.toThrow();
  await lab.kill();
  client = await lab.up();
  expect(await on(small, "hostname")).toBe("small");
  const deadline = Date.now() + 30_000;
  const ask = () => on(small, "curl -sf -m 2 http://data-server/latest/instance-id");
  let answer = await ask().catch(() => "");
  while (!answer && Date.now() < deadline) answer = await ask().catch(() => "");
  expect(answer).toBe(small.id);
});

test("a machine whose supervisor is killed ends at once, leaves nothing, and starts again with its disk", async () => {
  await on(small, "echo kept | sudo tee /root/kept >/dev/null; sync");
  const running = () =>
    JSON.parse(readFileSync(join(lab.home, "machines", small.id, "running.json"), "utf8"));
  const { supervisor, leader } = running();
  await lab.kill();
  process.kill(supervisor.pid, "SIGKILL");
  await gone(leader.pid);
  client = await lab.up();
  const state = async () =>
    (await client.call("listVirtualMachines", { id: small.id })).virtualmachine[0].state;
  while ((await state()) !== "Stopped") await new Promise((resolve) => setTimeout(resolve, 200));
  const left = traces(lab.home).join("\n");
  const [group = ""] = cgroupFolders(lab.home, small.id);
  for (const name of [guestNamespace(lab.home, small.id), group, `${small.id}/`])
    expect(left).not.toContain(name);
  await client.job("startVirtualMachine", { id: small.id });
  expect(await guests.login(small.publicip, "sudo cat /root/kept")).toBe("kept");
});

test("a guest that restarts itself comes back as another boot, with nothing in memory of what it was, and is still the lab's to stop", async () => {
  const reader = new Reader((await lab.control.machine("small")).consoleSocket);
  const before = await on(small, "cat /proc/sys/kernel/random/boot_id");
  // The base image has no nft.
  const nft = (...words: string[]) =>
    execFileSync("ip", ["netns", "exec", guestNamespace(lab.home, small.id), "nft", ...words]).toString();
  const leave = ["echo before >/root/restarted", "touch /run/mark", "ip link add bridge0 type bridge"];
  await on(small, `sudo bash -ec '${leave.join("; ")}'`);
  nft("add", "table", "ip", "leftover");
  expect(nft("list", "ruleset")).toContain("leftover");
  expect(await on(small, "ip -oneline link")).toContain("bridge0");
  await on(small, "sudo systemctl reboot").catch(() => {});
  while ((await guests.login(small.publicip, "cat /proc/sys/kernel/random/boot_id")) === before);
  expect(await on(small, "sudo cat /root/restarted; nproc; ls /run/mark 2>&1 || true")).toMatch(
    /^before\n1\n.*No such file/u,
  );
  expect(nft("list", "ruleset")).not.toContain("leftover");
  expect(await on(small, "ip -oneline link")).not.toContain("bridge0");
  expect(await on(small, "ip -4 -br address show eth0")).toContain(small.nic[0].ipaddress);
  // Whoever was at its tty1 still is.
  await on(small, "echo still here | sudo tee /dev/tty1");
  await reader.until("still here");
  reader.end();
  const { virtualmachine } = await client.call("listVirtualMachines", { id: small.id });
  expect(virtualmachine[0].state).toBe("Running");
  const began = performance.now();
  await client.job("stopVirtualMachine", { id: small.id });
  // Its shutdown, and not the plug that is pulled after half a minute.
  expect(performance.now() - began).toBeLessThan(25_000);
  await client.job("startVirtualMachine", { id: small.id });
  await guests.login(small.publicip, "true");
});

test("a volume of a snapshot is a disk of another machine, also after its restart, and leaves nothing", async () => {
  const {
    volume: [root],
  } = await client.call("listVolumes", { virtualmachineid: small.id });
  await client.job("stopVirtualMachine", { id: small.id });
  const { snapshot } = await client.job("createSnapshot", { volumeid: root.id });
  await client.job("startVirtualMachine", { id: small.id });
  const { volume } = await client.job("createVolume", { name: "sealed", snapshotid: snapshot.id });
  const attached = await client.job("attachVolume", { id: volume.id, virtualmachineid: large.id });
  expect(attached.volume).toMatchObject({ deviceid: 1, virtualmachineid: large.id, state: "Ready" });
  const image = join(lab.home, "volumes", `${volume.id}.raw`);
  const devices = () => execFileSync("losetup", ["--associated", image], { encoding: "utf8" });
  const read = "sudo mount -o ro,noload /dev/vdb1 /mnt && sudo cat /mnt/root/restarted && sudo umount /mnt";
  expect(await on(large, read)).toBe("before");
  const boot = await on(large, "cat /proc/sys/kernel/random/boot_id");
  await on(large, "sudo systemctl reboot").catch(() => {});
  while ((await guests.login(large.publicip, "cat /proc/sys/kernel/random/boot_id")) === boot);
  expect(await on(large, read)).toBe("before");
  expect(devices()).not.toBe("");
  await client.job("detachVolume", { id: volume.id });
  expect(await on(large, "ls /dev/vdb* 2>/dev/null || true")).toBe("");
  await client.call("deleteVolume", { id: volume.id });
  expect([devices(), existsSync(image)]).toEqual(["", false]);
  await client.job("deleteSnapshot", { id: snapshot.id });
});

test("a guest that will not go down has its plug pulled in the end, and loses nothing that it had written", async () => {
  const stubborn = `sh -c 'trap "" TERM; while :; do sleep 1; done'`;
  await on(
    small,
    `sudo systemd-run --quiet --unit=stubborn --property=TimeoutStopSec=infinity ${stubborn}; echo here | sudo tee /root/stubborn; sync`,
  );
  process.env.OSSEA_LAB_STOP_SECONDS = "3";
  await lab.kill();
  client = await lab.up();
  delete process.env.OSSEA_LAB_STOP_SECONDS;
  const { virtualmachine } = await client.job("stopVirtualMachine", { id: small.id });
  expect(virtualmachine.state).toBe("Stopped");
  expect(traces(lab.home).join("\n")).not.toContain(guestNamespace(lab.home, small.id));
  await lab.kill();
  client = await lab.up();
  await client.job("startVirtualMachine", { id: small.id });
  expect(await guests.login(small.publicip, "sudo cat /root/stubborn")).toBe("here");
});

test("powered off while no lab runs, a machine leaves nothing on the host", async () => {
  await lab.kill();
  const { supervisor } = JSON.parse(
    readFileSync(join(lab.home, "machines", small.id, "running.json"), "utf8"),
  );
  await on(small, "sudo systemctl poweroff --no-block").catch(() => undefined);
  await gone(supervisor.pid);
  const left = traces(lab.home).join("\n");
  expect(left).toContain(guestNamespace(lab.home, large.id));
  expect(left).not.toContain(guestNamespace(lab.home, small.id));
  expect(left).not.toContain(`${small.id}/`);
  client = await lab.up();
  const { virtualmachine } = await client.call("listVirtualMachines");
  expect(virtualmachine.map(({ name, state }: Json) => [name, state])).toEqual([
    ["small", "Stopped"],
    ["large", "Running"],
  ]);
});

test("two labs at once: each has its own machines at its own addresses, and one goes down alone", async () => {
  const other = new LabProcess("nspawn");
  const others = new Guests();
  try {
    const theirs = await other.up();
    await others.register(theirs);
    const machine = await theirs.deploy({ name: "theirs", keypairs: "test" });
    expect(machine.publicip).not.toBe(large.publicip);
    expect(await others.login(machine.publicip, "hostname")).toBe("theirs");
    expect(await on(large, "hostname")).toBe("large");
    expect(await lab.run("down")).toMatchObject({ code: 0 });
    expect(traces(lab.home)).toEqual([]);
    expect(await others.ssh(machine.publicip, "hostname")).toBe("theirs");
    client = await lab.up();
    expect(await guests.login(large.publicip, "hostname")).toBe("large");
    expect(await other.run("down")).toMatchObject({ code: 0 });
    expect(traces(other.home)).toEqual([]);
    expect(await on(large, "hostname")).toBe("large");
  } finally {
    await other.end();
    others.end();
  }
});
