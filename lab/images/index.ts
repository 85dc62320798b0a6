/**
 * The base images that the lab's first template is made of: a distribution's own packages with real cloud-init, as the
 * cloud images of that distribution have it. Made once and kept in the user's cache, by what went into them.
 */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LabProblem } from "../errors.ts";
import { digestOf, host, markOf, type ProcessMark, runs } from "../host.ts";
import { type Distribution, hostDistribution, hostSources, oneLine, type Source } from "./sources.ts";

export interface BaseImageOptions {
  /** A mirror of Ubuntu; without one the host's own distribution is taken. */
  mirror?: string | undefined;
  /** By default $XDG_CACHE_HOME or ~/.cache. */
  cacheHome?: string;
  /** One line for the person who waits. */
  log: (line: string) => void;
}

export interface BuiltImage {
  layer: string;
  /** Folder of the root file system; nobody writes to it. */
  root: string;
  templateName: string;
  osType: string;
  defaultUser: string;
  virtualSizeGiB: number;
  /** Bytes. */
  physicalSize: number;
}

interface Release {
  distribution: Distribution;
  templateName: string;
  osType: string;
  sources: Source[];
}

const packages = [
  "ca-certificates",
  "cloud-init",
  "curl",
  "dbus",
  "iproute2",
  "iputils-ping",
  "libpam-systemd",
  "netbase",
  "openssh-server",
  "procps",
  "python3",
  "sudo",
  "systemd",
  "systemd-resolved",
  "systemd-sysv",
  "udev",
  "wget",
];

const certificateBundle = "/etc/ssl/certs/ca-certificates.crt";

/** Raised when the files that are written into the image change. */
const formatVersion = 2;

/** @throws LabProblem when the packages cannot be had */
export async function ensureBaseImage(options: BaseImageOptions): Promise<BuiltImage> {
  const release = chooseRelease(options.mirror);
  const authorities = certificatesIn(certificateBundle);
  const digest = digestOf(
    JSON.stringify({ formatVersion, packages, release, authorities: digestOf(authorities.join()) }),
  ).slice(0, 16);
  const { id, version } = release.distribution;
  const cacheHome =
    options.cacheHome ?? (process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache"));
  const images = join(cacheHome, "ossea-appliances", "images");
  const folder = join(images, `${id}-${version}-${digest}`);
  if (!existsSync(folder)) {
    mkdirSync(images, { recursive: true });
    await onlyOne(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await build(release, authorities, folder, options.log);
    });
  }
  const { physicalSize } = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as {
    physicalSize: number;
  };
  return {
    layer: `base-${digest}`,
    root: join(folder, "root"),
    templateName: release.templateName,
    osType: release.osType,
    defaultUser: id,
    virtualSizeGiB: 3,
    physicalSize,
  };
}

function chooseRelease(mirror: string | undefined): Release {
  const own = hostDistribution();
  if (mirror || own.id === "ubuntu") return ubuntu(mirror, own);
  if (own.id === "debian" && own.version === "12") {
    return {
      distribution: own,
      templateName: "Debian 12 (lab)",
      osType: "Debian GNU/Linux 12 (64-bit)",
      sources: sourcesOf(own),
    };
  }
  throw new LabProblem(
    "no base image for this host",
    `it runs ${own.id} ${own.version}; images are made on Debian 12 and Ubuntu 24.04`,
    "OSSEA_LAB_UBUNTU_MIRROR=URL npm run lab -- up   # a mirror of Ubuntu that this host reaches",
  );
}

function ubuntu(mirror: string | undefined, own: Distribution): Release {
  const distribution = { id: "ubuntu", codename: "noble", version: "24.04" };
  const components = ["main", "universe"];
  const suites = ["noble", "noble-updates", "noble-security"];
  const sources = mirror
    ? suites.map((suite) => ({ uri: mirror, suite, components }))
    : sourcesOf({ ...own, codename: "noble" });
  return {
    distribution,
    templateName: "Ubuntu 24.04 (lab)",
    osType: "Ubuntu 24.04 LTS",
    sources,
  };
}

function sourcesOf({ codename }: Distribution): Source[] {
  const sources = hostSources(codename);
  if (sources.length > 0) return sources;
  throw new LabProblem(
    "no package mirror for the base image",
    `this host's apt configuration names none for ${codename}`,
    "add one to /etc/apt/sources.list.d, then npm run lab -- up",
  );
}

async function build(
  release: Release,
  authorities: readonly string[],
  folder: string,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  const making = `${folder}.making`;
  await removeTree(making);
  mkdirSync(making, { mode: 0o755 });
  const root = join(making, "root");
  log(`making the base image of ${release.templateName} (about a minute, once)`);
  await bootstrap(release, root, log);
  await furnish(release, authorities, root);
  const physicalSize = Number((await host("du", ["-sb", root])).split("\t")[0]);
  writeFileSync(join(making, "image.json"), JSON.stringify({ physicalSize }));
  renameSync(making, folder);
  log(
    `base image of ${release.templateName}: ${Math.round(physicalSize / 1024 ** 2)} MB in ${Math.round((performance.now() - started) / 1000)} s`,
  );
}

/** mmdebstrap tells each of its steps with "I: ". */
function bootstrap(release: Release, root: string, log: (line: string) => void): Promise<void> {
  const { codename } = release.distribution;
  const args = [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    `--include=${packages.join(",")}`,
    '--aptopt=Acquire::Retries "3"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    codename,
    root,
    ...release.sources.map(oneLine),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("mmdebstrap", args, { stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-4000);
      for (const [, step = ""] of text.matchAll(/^I: (.*)$/gmu)) log(`  ${step}`);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const because = words.trim().split("\n").slice(-5).join("\n           ");
      reject(
        new LabProblem(
          `the base image of ${release.templateName} cannot be made`,
          because,
          "apt-get update   # do the host's mirrors answer?",
        ),
      );
    });
  });
}

/** What a cloud's image has and a bare installation has not. */
async function furnish(release: Release, authorities: readonly string[], root: string): Promise<void> {
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text, { mode });
  };
  write("etc/cloud/cloud.cfg.d/90-lab.cfg", cloudConfig(release.distribution.id));
  write(
    "etc/systemd/network/20-wired.network",
    "[Match]\nType=ether\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n\n[DHCPv4]\nUseDomains=yes\n",
  );
  write(
    "etc/apt/sources.list",
    `${release.sources.map(({ signedBy: _, ...source }) => oneLine(source)).join("\n")}\n`,
  );
  write("etc/apt/apt.conf.d/90-lab", 'Acquire::Languages "none";\nAcquire::Retries "3";\n');
  write("etc/default/locale", "LANG=C.UTF-8\n");
  write("etc/hostname", "localhost\n");
  write("etc/machine-id", "");
  write("etc/fstab", "");
  trust(authorities, root, write);
  await host("chroot", [root, "update-ca-certificates"]);
  await host("chroot", [root, "systemctl", "enable", "systemd-networkd", "systemd-resolved", "ssh"]);
  // Each instance makes its own.
  for (const name of readdirSync(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) rmSync(join(root, "etc/ssh", name));
  }
  rmSync(join(root, "etc/resolv.conf"), { force: true });
  symlinkSync("../run/systemd/resolve/stub-resolv.conf", join(root, "etc/resolv.conf"));
}

/** Packages come over the network that the host is in: what the host trusts there, its guests must. */
function trust(
  authorities: readonly string[],
  root: string,
  write: (path: string, text: string) => void,
): void {
  const known = new Set(certificatesIn(join(root, "etc/ssl/certs/ca-certificates.crt")));
  const added = authorities.filter((certificate) => !known.has(certificate));
  for (const [index, certificate] of added.entries()) {
    write(`usr/local/share/ca-certificates/host-${index}.crt`, `${certificate}\n`);
  }
  // Node.js has a list of its own.
  if (added.length > 0) write("etc/environment", `NODE_EXTRA_CA_CERTS=${certificateBundle}\n`);
}

function certificatesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return (
    readFileSync(path, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? []
  );
}

function cloudConfig(defaultUser: string): string {
  return [
    "datasource_list: [CloudStack]",
    "network: { config: disabled }",
    "locale: C.UTF-8",
    "apt: { preserve_sources_list: true }",
    "manage_etc_hosts: localhost",
    "disable_root: true",
    "ssh_pwauth: false",
    "system_info:",
    "  default_user:",
    `    name: ${defaultUser}`,
    "    lock_passwd: true",
    "    groups: [adm, sudo]",
    '    sudo: ["ALL=(ALL) NOPASSWD:ALL"]',
    "    shell: /bin/bash",
    "",
  ].join("\n");
}

/** One process at a time; a lock whose holder has ended is taken over. */
async function onlyOne(path: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(markOf(process.pid)), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = holderOf(path);
      if (holder === "gone") continue;
      if (!holder || !runs(holder)) rmSync(path, { force: true });
      else await setTimeout(200);
    }
  }
  try {
    await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A lock that is just being written or taken away names nobody yet. */
function holderOf(path: string): ProcessMark | undefined | "gone" {
  try {
    const text = readFileSync(path, "utf8");
    return text === "" ? "gone" : (JSON.parse(text) as ProcessMark);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    throw error;
  }
}

/** A half-made root may still have the mounts of the installation in it. */
async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  await host("umount", ["--recursive", "--quiet", join(folder, "root")]).catch(() => undefined);
  for (const name of ["proc", "sys", "dev"]) {
    await host("umount", ["--quiet", "--recursive", join(folder, "root", name)]).catch(() => undefined);
  }
  rmSync(folder, { recursive: true, force: true });
}
