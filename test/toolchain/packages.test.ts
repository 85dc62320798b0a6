import { expect, test } from "vitest";
import { Problem } from "../../common/problem.ts";
import { labNeeds } from "../../toolchain/commands/lab.ts";
import { ensurePackages, missingPackages, type PackageSystem } from "../../toolchain/system/install.ts";
import { parseOsRelease, programPath } from "../../toolchain/system/os.ts";
import { systemPackages } from "../../toolchain/system/packages.ts";

/** A system on which apt does what it is told. */
function fakeSystem(changes: Partial<PackageSystem> & { absent?: string[]; aptFails?: string } = {}) {
  const absent = new Set(changes.absent ?? []);
  const calls: string[] = [];
  const system: PackageSystem = {
    osId: "debian",
    has: (program) => !absent.has(program),
    root: true,
    sudo: async () => false,
    hasLists: () => true,
    apt: async (prefix, args) => {
      calls.push([...prefix, ...args].join(" "));
      if (changes.aptFails) return changes.aptFails;
      for (const entry of systemPackages) if (args.includes(entry.package)) absent.delete(entry.proof);
      return undefined;
    },
    ...changes,
  };
  return { system, calls };
}

test("every package has its proof and its purpose, each once", () => {
  expect(systemPackages.every((entry) => entry.proof && entry.for)).toBe(true);
  const names = systemPackages.map((entry) => entry.package);
  expect(new Set(names).size).toBe(names.length);
});

test("what is missing for the asked need is found by its program", () => {
  const { system } = fakeSystem({ absent: ["nft", "shellcheck"] });
  expect(missingPackages(["lab"], system).map((entry) => entry.package)).toEqual(["nftables"]);
  expect(missingPackages(["lab", "test"], system).map((entry) => entry.package)).toEqual([
    "nftables",
    "shellcheck",
  ]);
});

test("QEMU is installed for labs that are asked to run machines by it, and for no other", () => {
  const { system } = fakeSystem({ absent: ["qemu-system-x86_64"] });
  const missing = (...args: string[]) => missingPackages(labNeeds(args), system).map(({ proof }) => proof);
  expect(missing("up")).toEqual([]);
  expect(missing("up", "--driver", "none")).toEqual([]);
  expect(missing("up", "--driver", "qemu")).toEqual(["qemu-system-x86_64"]);
  expect(missing("--driver=qemu", "up", "--seed", "word")).toEqual(["qemu-system-x86_64"]);
});

test("nothing missing, nothing run", async () => {
  const { system, calls } = fakeSystem();
  await ensurePackages(["lab", "test"], system);
  expect(calls).toEqual([]);
});

test("root installs at once; lists are read first only where they are missing", async () => {
  const withLists = fakeSystem({ absent: ["nft"] });
  await ensurePackages(["lab"], withLists.system);
  expect(withLists.calls).toEqual(["install --yes --no-install-recommends nftables"]);
  const without = fakeSystem({ absent: ["nft"], hasLists: () => false });
  await ensurePackages(["lab"], without.system);
  expect(without.calls[0]).toBe("update");
});

test("stale lists are read again once", async () => {
  let tries = 0;
  const { system, calls } = fakeSystem({ absent: ["nft"] });
  const apt = system.apt;
  system.apt = async (prefix, args, title) =>
    args[0] === "install" && ++tries === 1 ? "404 Not Found" : apt(prefix, args, title);
  await ensurePackages(["lab"], system);
  expect(calls).toEqual(["update", "install --yes --no-install-recommends nftables"]);
});

test("another user goes through sudo where it asks for nothing", async () => {
  const { system, calls } = fakeSystem({ absent: ["ip"], root: false, sudo: async () => true });
  await ensurePackages(["lab"], system);
  expect(calls).toEqual(["sudo -n install --yes --no-install-recommends iproute2"]);
});

test("without root and sudo one problem names all packages and the exact command", async () => {
  const { system, calls } = fakeSystem({ absent: ["ip", "nft"], root: false });
  const failure = await ensurePackages(["lab"], system).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).next).toBe(
    "sudo apt-get update && sudo apt-get install --yes --no-install-recommends nftables iproute2",
  );
  expect(calls).toEqual([]);
});

test("apt's failure, and apt's success without the program, are both problems", async () => {
  const failing = fakeSystem({ absent: ["ip"], aptFails: "exit status 100: no space left" });
  await expect(ensurePackages(["lab"], failing.system)).rejects.toThrow("no space left");
  const lying = fakeSystem({ absent: ["ip"], apt: async () => undefined });
  await expect(ensurePackages(["lab"], lying.system)).rejects.toThrow("ip is not there");
});

test("a program in a system folder is found without PATH", () => {
  expect(programPath("sh", "")).toMatch(/\/sh$/);
  expect(programPath("no-such-program-here", "")).toBeUndefined();
});

test("the system is read from os-release", () => {
  const text = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nVERSION_ID="24.04"\n';
  expect(parseOsRelease(text)).toEqual({ id: "ubuntu", version: "24.04", title: "Ubuntu 24.04.1 LTS" });
  expect(parseOsRelease("")).toMatchObject({ id: "unknown" });
});
