/** What this machine can do: facts are gathered in one place and judged in another. */
import { mkdirSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { type GoToolchain, judgeGo, neededGo, systemGo } from "../engine/go-build.ts";
import { run } from "../process.ts";
import type { ProjectPaths } from "../project.ts";
import { installCommand, missingPackages, thisSystem } from "../system/install.ts";
import { isRoot, type OsRelease, readOsRelease, supportedSystems } from "../system/os.ts";
import type { SystemPackage } from "../system/packages.ts";
import { type Finding, fault, note, ok } from "./finding.ts";

export interface MachineFacts {
  os: OsRelease;
  platform: string;
  node: string;
  npm: string | undefined;
  go: GoToolchain | undefined;
  /** Whether an engine is there already, so that Go is not needed any more. */
  engineReady: boolean;
  root: boolean;
  sudo: boolean;
  /** GiB */
  freeDisk: { project: number; cache: number };
  /** GiB */
  memory: number;
  missing: { lab: readonly SystemPackage[]; test: readonly SystemPackage[] };
  kernel: readonly KernelFact[];
}

export interface KernelFact {
  title: string;
  for: string;
  /** Undefined when it works. */
  failure: string | undefined;
}

const neededDisk = { project: 6, cache: 4 };
const neededMemory = 3;

export function judgeMachine(facts: MachineFacts): Finding[] {
  return [
    judgeOs(facts),
    ok("machine", "Node.js", `${facts.node} (the project's own)`),
    facts.npm
      ? ok("machine", "npm", facts.npm)
      : fault("machine", "npm", "is not there", "apt-get install npm"),
    judgeGoFor(facts),
    judgeRights(facts),
    judgeSpace("the project's folder", facts.freeDisk.project, neededDisk.project),
    judgeSpace("the cache folder", facts.freeDisk.cache, neededDisk.cache),
    facts.memory >= neededMemory
      ? ok("machine", "memory", `${facts.memory.toFixed(1)} GiB`)
      : fault(
          "machine",
          "memory",
          `${facts.memory.toFixed(1)} GiB, ${neededMemory} GiB are needed for an appliance in the lab`,
          "use a machine with more memory",
        ),
    ...judgePackages(facts),
    ...facts.kernel.map(judgeKernel),
  ];
}

function judgeOs({ os, platform }: MachineFacts): Finding {
  const supported = supportedSystems.map(({ id, version }) => `${id} ${version}`).join(", ");
  const known = supportedSystems.some(({ id, version }) => id === os.id && version === os.version);
  if (known && platform.startsWith("linux-")) return ok("machine", "system", `${os.title}, ${platform}`);
  return note("machine", "system", `${os.title}, ${platform}: the project is tried on ${supported}`);
}

function judgeGoFor({ go, engineReady }: MachineFacts): Finding {
  const unfit = judgeGo(go, neededGo);
  if (!unfit && go)
    return ok("machine", "Go", `${go.version.major}.${go.version.minor}.${go.version.patch} (${go.go})`);
  const because = unfit?.because ?? "Go is not installed";
  return note(
    "machine",
    "Go",
    engineReady
      ? `${because}; not needed, the engine is there`
      : `${because}; needed where Pulumi cannot be downloaded`,
  );
}

function judgeRights({ root, sudo }: MachineFacts): Finding {
  if (root) return ok("machine", "rights", "root");
  if (sudo) return ok("machine", "rights", "sudo without a password");
  return fault(
    "machine",
    "rights",
    "neither root nor sudo without a password; the lab's machines and system packages need one of them",
    "sudo -v && npm start   # or run it as root",
  );
}

function judgeSpace(title: string, free: number, needed: number): Finding {
  const detail = `${free.toFixed(1)} GiB free`;
  return free >= needed
    ? ok("machine", `disk, ${title}`, detail)
    : fault("machine", `disk, ${title}`, `${detail}, ${needed} GiB are needed`, "df -h");
}

function judgePackages({ missing, root }: MachineFacts): Finding[] {
  const all = [...missing.lab, ...missing.test];
  if (all.length === 0) return [ok("machine", "system packages", "all there")];
  const canInstall = "npm start and npm test install them";
  return [
    ...missing.lab.map((entry) =>
      fault(
        "machine",
        `package ${entry.package}`,
        `missing, for ${entry.for} (${canInstall})`,
        installCommand([entry], root),
      ),
    ),
    ...missing.test.map((entry) =>
      note(
        "machine",
        `package ${entry.package}`,
        `missing, for ${entry.for} (${canInstall})`,
        installCommand([entry], root),
      ),
    ),
  ];
}

function judgeKernel({ title, for: purpose, failure }: KernelFact): Finding {
  return failure === undefined
    ? ok("machine", title, "works")
    : fault(
        "machine",
        title,
        `does not work, and ${purpose} needs it: ${failure}`,
        "use a kernel or a host that allows it",
      );
}

export async function gatherMachineFacts(paths: ProjectPaths, engineReady: boolean): Promise<MachineFacts> {
  const system = thisSystem();
  const npm = await run("npm", ["--version"]);
  const sudo = system.root || (await system.sudo());
  mkdirSync(paths.own, { recursive: true });
  mkdirSync(paths.cache, { recursive: true });
  return {
    os: readOsRelease(),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    npm: npm.code === 0 ? npm.stdout.trim() : undefined,
    go: await systemGo(process.env),
    engineReady,
    root: isRoot(),
    sudo,
    freeDisk: { project: freeGiB(paths.own), cache: freeGiB(paths.cache) },
    memory: totalmem() / 2 ** 30,
    missing: { lab: missingPackages(["lab"], system), test: missingPackages(["qemu", "test"], system) },
    kernel: sudo ? await kernelFacts(system.root ? [] : ["sudo", "-n"]) : [],
  };
}

function freeGiB(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 2 ** 30;
}

/** Each feature is tried in namespaces of its own, so nothing of it stays. */
async function kernelFacts(prefix: readonly string[]): Promise<KernelFact[]> {
  const overlay =
    "mount -t tmpfs none /mnt && mkdir /mnt/a /mnt/b /mnt/c /mnt/d && " +
    "mount -t overlay none -o lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c /mnt/d";
  const trials = [
    [
      "namespaces",
      "a machine of the lab",
      ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "true"],
    ],
    ["overlayfs", "a machine's disk", ["unshare", "--mount", "sh", "-c", overlay]],
    [
      "network bridges",
      "a network of the lab",
      ["unshare", "--net", "ip", "link", "add", "trial", "type", "bridge"],
    ],
    [
      "veth pairs",
      "a network of the lab",
      ["unshare", "--net", "ip", "link", "add", "trial", "type", "veth"],
    ],
    [
      "nftables with masquerading",
      "the way out of the lab's networks",
      [
        "unshare",
        "--net",
        "nft",
        "add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade",
      ],
    ],
  ] as const;
  const facts: KernelFact[] = [];
  for (const [title, purpose, argv] of trials) {
    const [program = "true", ...args] = [...prefix, ...argv];
    const result = await run(program, args, { limit: 20_000 });
    const failure =
      result.code === 0 ? undefined : result.stderr.trim().split("\n")[0] || `exit ${result.code}`;
    facts.push({ title, for: purpose, failure });
  }
  return facts;
}
