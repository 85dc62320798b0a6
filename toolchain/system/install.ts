/** Installs missing system packages by apt, as root or by sudo; otherwise names the one command that does. */
import { readdirSync } from "node:fs";
import { Problem } from "../../common/problem.ts";
import { step } from "../../common/progress.ts";
import { lastWords, run } from "../process.ts";
import { isRoot, programPath, readOsRelease } from "./os.ts";
import { type SystemPackage, systemPackages } from "./packages.ts";

export type Need = SystemPackage["needs"];

export interface PackageSystem {
  osId: string;
  has(program: string): boolean;
  root: boolean;
  /** Whether sudo works without asking. */
  sudo(): Promise<boolean>;
  /** Whether apt's package lists are there. */
  hasLists(): boolean;
  /** Runs apt-get; gives what went wrong. */
  apt(prefix: readonly string[], args: readonly string[], title: string): Promise<string | undefined>;
}

export function missingPackages(
  needs: readonly Need[],
  system: Pick<PackageSystem, "osId" | "has">,
): SystemPackage[] {
  return systemPackages.filter(
    (entry) =>
      needs.includes(entry.needs) && (entry.on?.includes(system.osId) ?? true) && !system.has(entry.proof),
  );
}

/** "apt-get install --yes --no-install-recommends a b", with sudo where it is needed. */
export function installCommand(missing: readonly SystemPackage[], root: boolean): string {
  const sudo = root ? "" : "sudo ";
  const names = missing.map((entry) => entry.package).join(" ");
  return `${sudo}apt-get update && ${sudo}apt-get install --yes --no-install-recommends ${names}`;
}

/** @throws Problem naming every missing package and the exact command */
export async function ensurePackages(
  needs: readonly Need[],
  system: PackageSystem = thisSystem(),
): Promise<void> {
  const missing = missingPackages(needs, system);
  if (missing.length === 0) return;
  if (!system.root && !(await system.sudo())) {
    throw packageProblem(missing, system, "this is not root, and sudo asks for a password or is not there");
  }
  const prefix = system.root ? [] : ["sudo", "-n"];
  const names = missing.map((entry) => entry.package);
  const title = `Installing system packages ${names.join(", ")}`;
  const install = () => system.apt(prefix, ["install", "--yes", "--no-install-recommends", ...names], title);
  const update = () => system.apt(prefix, ["update"], "Reading the system's package lists");

  const updated = !system.hasLists();
  if (updated) {
    const failed = await update();
    if (failed) throw packageProblem(missing, system, `apt-get update: ${failed}`);
  }
  let failed = await install();
  if (failed && !updated) {
    // Lists that are older than the mirror name files that are gone.
    failed = (await update()) ?? (await install());
  }
  const still = missingPackages(needs, system);
  if (failed || still.length > 0) {
    const because =
      failed ?? `apt-get succeeded, but ${still.map((entry) => entry.proof).join(", ")} is not there`;
    throw packageProblem(still.length > 0 ? still : missing, system, because);
  }
}

function packageProblem(missing: readonly SystemPackage[], system: PackageSystem, because: string): Problem {
  return new Problem({
    what: "system packages are missing",
    object: missing.map((entry) => `${entry.package} (${entry.for})`).join(", "),
    because,
    next: installCommand(missing, system.root),
  });
}

export function thisSystem(): PackageSystem {
  return {
    osId: readOsRelease().id,
    has: (program) => programPath(program) !== undefined,
    root: isRoot(),
    sudo: async () => (await run("sudo", ["-n", "true"])).code === 0,
    hasLists,
    apt: (prefix, args, title) =>
      step(title, async () => {
        const environment = [
          "env",
          "DEBIAN_FRONTEND=noninteractive",
          "NEEDRESTART_SUSPEND=1",
          "LC_ALL=C.UTF-8",
        ];
        const wait = ["-o", "DPkg::Lock::Timeout=300", "-q"];
        const [program = "env", ...rest] = [...prefix, ...environment, "apt-get", ...wait, ...args];
        const result = await run(program, rest);
        return result.code === 0 ? undefined : lastWords(result, 8);
      }),
  };
}

function hasLists(): boolean {
  try {
    return readdirSync("/var/lib/apt/lists").some((name) => name.includes("_Packages"));
  } catch {
    return false;
  }
}
