/**
 * Guest networks: for each a router in a namespace of its own with bridge, DHCP, DNS and metadata. It leaves through one
 * cable to the host. Everything is found again after the lab was killed: names come from the lab's folder and the
 * network's id, and what was published stands in files.
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { host, markOf, type ProcessMark, runs } from "../host.ts";
import {
  allowForwarding,
  closeFirewall,
  forwardingSwitch,
  openFirewall,
  restoreForwarding,
} from "./forwarding.ts";
import { chooseLink, type Link, numberOf } from "./link.ts";
import { labPrefixes, type RouterNames, routerNames } from "./names.ts";
import type { GuestNetworkSpec, GuestNetworks, GuestRecord, NetworkRules } from "./network.ts";
import { namespacePath } from "./plug.ts";
import { hostRules, routerRules } from "./rules.ts";

/** DHCP's tag of cards that get an address and nothing else. */
const furtherCard = "further";

interface Router {
  spec: GuestNetworkSpec;
  link: Link;
  dnsmasq?: ProcessMark;
  metadata?: ProcessMark;
}

export function createGuestNetworks({ home }: { home: string }): GuestNetworks {
  const folder = join(home, "network");
  mkdirSync(folder, { recursive: true });
  // One change of the rules at a time: each writes the whole table.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    ensureNetwork: (spec) => inTurn(() => ensure(home, folder, spec)),
    removeNetwork: (id) => inTurn(() => remove(home, folder, id)),
    publish: (id, guest) => inTurn(() => publish(home, folder, id, guest)),
    setRules: (id, rules) => inTurn(() => setRules(home, folder, id, rules)),
    withdraw: (id, instanceId) => inTurn(() => withdraw(home, folder, id, instanceId)),
    down: () => inTurn(() => down(home, folder)),
  };
}

async function ensure(home: string, folder: string, spec: GuestNetworkSpec): Promise<void> {
  const names = routerNames(home, spec.id);
  let router = readRouter(folder, spec.id);
  // Guests hang on the router's bridge: it is made anew only when it is not there, or not what is wanted.
  if (!router || !isWhole(names) || !isDeepStrictEqual(router.spec, spec)) {
    await takeDown(home, folder, spec.id);
    mkdirSync(guestsFolder(folder, spec.id), { recursive: true });
    router = { spec, link: await makeRouter(names, spec) };
    if (spec.egress) await openFirewall(names.uplink);
    writeRouter(folder, router);
  }
  if (isServing(router)) return;
  await endProcesses(names.namespace);
  allowForwarding();
  const guests = readGuests(folder, spec.id);
  await applyRules(names, router, guests, readRules(folder, spec.id));
  writeLeases(folder, spec.id, guests);
  const dnsmasq = await startDnsmasq(folder, names, spec);
  const metadata = startMetadata(folder, names, spec);
  writeRouter(folder, { ...router, dnsmasq, metadata });
}

function isWhole({ namespace, uplink }: RouterNames): boolean {
  return existsSync(namespacePath(namespace)) && existsSync(`/sys/class/net/${uplink}`);
}

/** Everything whose name is this lab's goes, also what a killed lab had begun and not yet written down. */
async function down(home: string, folder: string): Promise<void> {
  for (const id of readdirSync(folder)) await takeDown(home, folder, id);
  const { namespace, uplink, table } = labPrefixes(home);
  const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  for (const name of namespaces.filter((one) => one.startsWith(namespace))) await removeNamespace(name);
  for (const name of readdirSync("/sys/class/net").filter((one) => one.startsWith(uplink))) {
    await removeLink(name);
  }
  const tables = await host("nft", ["list", "tables", "ip"]);
  for (const [, name = ""] of tables.matchAll(/^table ip (\S+)$/gmu)) {
    if (name.startsWith(table)) await host("nft", ["delete", "table", "ip", name]);
  }
  await closeFirewall(uplink);
  restoreForwarding();
  await leaveNamespaceFolder();
}

function isServing(router: Router): boolean {
  return [router.dnsmasq, router.metadata].every((mark) => mark !== undefined && runs(mark));
}

/** Two labs may choose the same addresses in the same moment: whoever comes second takes others. */
async function makeRouter(names: RouterNames, spec: GuestNetworkSpec): Promise<Link> {
  const link = chooseLink(names.namespace);
  try {
    await connectRouter(names, spec, link);
    return link;
  } catch (error) {
    if (!String(error).includes("File exists")) throw error;
    await removeNamespace(names.namespace);
    const other = chooseLink(names.namespace, link);
    await connectRouter(names, spec, other);
    return other;
  }
}

async function connectRouter(names: RouterNames, spec: GuestNetworkSpec, link: Link): Promise<void> {
  const { namespace, uplink, downlink, bridge } = names;
  const prefix = spec.cidr.split("/")[1];
  await host("ip", ["netns", "add", namespace]);
  await host("ip", ["-batch", "-"], {
    input: [
      `link add ${uplink} type veth peer name ${downlink} netns ${namespace}`,
      `address add ${link.host} peer ${link.router} dev ${uplink}`,
      `link set ${uplink} up`,
      `route add ${link.block} via ${link.router} dev ${uplink}`,
      "",
    ].join("\n"),
  });
  await host("ip", ["-n", namespace, "-batch", "-"], {
    input: [
      "link set lo up",
      `address add ${link.router} peer ${link.host} dev ${downlink}`,
      `link set ${downlink} up`,
      `route add default via ${link.host}`,
      `link add ${bridge} type bridge forward_delay 0`,
      `address add ${spec.gateway}/${prefix} dev ${bridge}`,
      `link set ${bridge} up`,
      "",
    ].join("\n"),
  });
  await host("ip", ["netns", "exec", namespace, "sh", "-c", `echo 1 >${forwardingSwitch}`]);
  writeFileSync(`/proc/sys/net/ipv4/conf/${uplink}/route_localnet`, "1");
}

async function applyRules(
  names: RouterNames,
  { spec, link }: Pick<Router, "spec" | "link">,
  guests: readonly GuestRecord[],
  rules: NetworkRules | undefined,
): Promise<void> {
  await host("ip", ["netns", "exec", names.namespace, "nft", "-f", "-"], {
    input: routerRules(names, { spec, link, guests, rules }),
  });
  await host("nft", ["-f", "-"], { input: hostRules(names, { link, guests, rules }) });
}

async function setRules(home: string, folder: string, id: string, rules: NetworkRules): Promise<void> {
  const router = readRouter(folder, id);
  if (!router || isDeepStrictEqual(readRules(folder, id), rules)) return;
  writeWhole(rulesFile(folder, id), rules);
  await refresh(home, folder, router);
}

async function publish(home: string, folder: string, id: string, guest: GuestRecord): Promise<void> {
  const router = readRouter(folder, id);
  if (!router) throw new Error(`network ${id} is not there`);
  for (const old of readGuests(folder, id))
    if (old.instanceId === guest.instanceId) rmSync(guestFile(folder, id, old));
  writeWhole(guestFile(folder, id, guest), guest);
  await refresh(home, folder, router);
}

async function withdraw(home: string, folder: string, id: string, instanceId: string): Promise<void> {
  const router = readRouter(folder, id);
  if (!router) return;
  for (const guest of readGuests(folder, id))
    if (guest.instanceId === instanceId) rmSync(guestFile(folder, id, guest));
  if (existsSync(namespacePath(routerNames(home, id).namespace))) await refresh(home, folder, router);
}

async function refresh(home: string, folder: string, router: Router): Promise<void> {
  const guests = readGuests(folder, router.spec.id);
  writeLeases(folder, router.spec.id, guests);
  if (router.dnsmasq && runs(router.dnsmasq)) process.kill(router.dnsmasq.pid, "SIGHUP");
  await applyRules(routerNames(home, router.spec.id), router, guests, readRules(folder, router.spec.id));
}

async function remove(home: string, folder: string, id: string): Promise<void> {
  await takeDown(home, folder, id);
  rmSync(join(folder, id), { recursive: true, force: true });
}

/** Processes, interfaces, namespace and rules go; what was published stays for the next start. */
async function takeDown(home: string, folder: string, id: string): Promise<void> {
  const names = routerNames(home, id);
  await removeNamespace(names.namespace);
  await removeLink(names.uplink);
  await host("nft", ["-f", "-"], { input: `table ip ${names.table} {}\ndelete table ip ${names.table}\n` });
  await closeFirewall(names.uplink);
  rmSync(routerFile(folder, id), { force: true });
}

/** A link whose other end lay in a namespace goes with it, some time after the namespace has gone. */
async function removeLink(name: string): Promise<void> {
  const there = () => existsSync(`/sys/class/net/${name}`);
  if (!there()) return;
  await host("ip", ["link", "del", name]).catch((error: unknown) => {
    if (there()) throw error;
  });
}

async function removeNamespace(namespace: string): Promise<void> {
  if (!existsSync(namespacePath(namespace))) return;
  await endProcesses(namespace);
  await host("ip", ["netns", "del", namespace]);
}

/** Also those that a killed lab had started and not yet written down. */
async function endProcesses(namespace: string): Promise<void> {
  const pids = (await host("ip", ["netns", "pids", namespace])).split("\n").filter(Boolean).map(Number);
  const marks = pids.flatMap((pid) => markIfThere(pid) ?? []);
  for (const mark of marks) if (runs(mark)) process.kill(mark.pid, "SIGKILL");
  while (marks.some(runs)) await setTimeout(10);
}

function markIfThere(pid: number): ProcessMark | undefined {
  try {
    return markOf(pid);
  } catch {
    return undefined;
  }
}

async function startDnsmasq(
  folder: string,
  names: RouterNames,
  spec: GuestNetworkSpec,
): Promise<ProcessMark> {
  const own = join(folder, spec.id);
  const pidFile = join(own, "dnsmasq.pid");
  const [network, prefix = "24"] = spec.cidr.split("/");
  const netmask = netmaskOf(Number(prefix));
  writeFileSync(
    join(own, "dnsmasq.conf"),
    [
      "user=root",
      `interface=${names.bridge}`,
      "except-interface=lo",
      "bind-interfaces",
      "no-hosts",
      "no-resolv",
      "no-ping",
      "dhcp-authoritative",
      "dhcp-rapid-commit",
      `domain=${spec.domain}`,
      "expand-hosts",
      `local=/${spec.domain}/`,
      `host-record=data-server,data-server.${spec.domain},${spec.gateway}`,
      `addn-hosts=${join(own, "hosts")}`,
      `dhcp-range=${network},static,${netmask},12h`,
      `dhcp-hostsfile=${join(own, "leases")}`,
      `dhcp-option=option:router,${spec.gateway}`,
      `dhcp-option=option:dns-server,${spec.gateway}`,
      `dhcp-option=tag:${furtherCard},option:router`,
      `dhcp-option=tag:${furtherCard},option:dns-server`,
      `dhcp-leasefile=${join(own, "dnsmasq.leases")}`,
      `log-facility=${join(own, "dnsmasq.log")}`,
      ...(spec.egress ? upstreamServers().map((server) => `server=${server}`) : []),
      "",
    ].join("\n"),
  );
  await host("ip", [
    "netns",
    "exec",
    names.namespace,
    "dnsmasq",
    `--conf-file=${join(own, "dnsmasq.conf")}`,
    `--pid-file=${pidFile}`,
  ]);
  return markOf(Number(readFileSync(pidFile, "utf8")));
}

/** The host's own name servers; those behind a stub on loopback, which a namespace cannot reach. */
function upstreamServers(): string[] {
  const serversIn = (path: string) =>
    existsSync(path)
      ? [...readFileSync(path, "utf8").matchAll(/^nameserver\s+(\S+)/gmu)].map(([, address = ""]) => address)
      : [];
  const servers = serversIn("/etc/resolv.conf").filter((address) => !address.startsWith("127."));
  return servers.length > 0 ? servers : serversIn("/run/systemd/resolve/resolv.conf");
}

function startMetadata(folder: string, names: RouterNames, spec: GuestNetworkSpec): ProcessMark {
  const log = openSync(join(folder, spec.id, "metadata.log"), "a", 0o600);
  const program = join(import.meta.dirname, "metadata.ts");
  const child = spawn(
    "ip",
    [
      "netns",
      "exec",
      names.namespace,
      process.execPath,
      "--max-old-space-size=32",
      program,
      spec.gateway,
      guestsFolder(folder, spec.id),
    ],
    { detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error("the metadata server does not start");
  return markOf(child.pid);
}

function writeLeases(folder: string, id: string, guests: readonly GuestRecord[]): void {
  const lines = (line: (guest: GuestRecord) => string) => guests.map((guest) => `${line(guest)}\n`).join("");
  writeFileSync(
    join(folder, id, "leases"),
    lines(
      ({ mac, ipAddress, name, further }) =>
        `${mac},${further ? `set:${furtherCard},` : ""}${ipAddress},${name},12h`,
    ),
  );
  writeFileSync(
    join(folder, id, "hosts"),
    lines(({ ipAddress, name }) => `${ipAddress} ${name}`),
  );
}

function readGuests(folder: string, id: string): GuestRecord[] {
  const guests = guestsFolder(folder, id);
  if (!existsSync(guests)) return [];
  return readdirSync(guests)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(guests, file), "utf8")) as GuestRecord)
    .sort((a, b) => numberOf(a.ipAddress) - numberOf(b.ipAddress));
}

function guestsFolder(folder: string, id: string): string {
  return join(folder, id, "guests");
}

function guestFile(folder: string, id: string, guest: GuestRecord): string {
  return join(guestsFolder(folder, id), `${guest.ipAddress}.json`);
}

function rulesFile(folder: string, id: string): string {
  return join(folder, id, "rules.json");
}

function readRules(folder: string, id: string): NetworkRules | undefined {
  const file = rulesFile(folder, id);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as NetworkRules) : undefined;
}

function routerFile(folder: string, id: string): string {
  return join(folder, id, "router.json");
}

function readRouter(folder: string, id: string): Router | undefined {
  const file = routerFile(folder, id);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Router) : undefined;
}

function writeRouter(folder: string, router: Router): void {
  writeWhole(routerFile(folder, router.spec.id), router);
}

/** Killed in the middle, either the old content is there or the new. */
function writeWhole(path: string, content: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** `ip netns` mounts its folder on first use; the last one to leave takes the mount away. */
async function leaveNamespaceFolder(): Promise<void> {
  if (!existsSync("/run/netns") || readdirSync("/run/netns").length > 0) return;
  await host("umount", ["/run/netns"]).catch(() => undefined);
  if (readdirSync("/run/netns").length === 0) rmdirSync("/run/netns");
}

function netmaskOf(prefix: number): string {
  const number = 2 ** 32 - 2 ** (32 - prefix);
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
