/** What this computer runs and has mounted, to be compared before and after. */
import { readdirSync, readFileSync } from "node:fs";
import { run } from "../../../toolchain/process.ts";

export interface Traces {
  mounts: string[];
  interfaces: string[];
  namespaces: string[];
  tables: string[];
  /** Command lines that name the folder. */
  processes: string[];
}

/** @param folder the project whose lab is looked for among the processes */
export async function tracesOf(folder: string): Promise<Traces> {
  const lines = async (program: string, ...args: string[]) => {
    const result = await run(program, args);
    if (result.code !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr}`);
    return result.stdout.split("\n").filter(Boolean).sort();
  };
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter(Boolean)
      .sort(),
    interfaces: (await lines("ip", "-o", "link")).map((line) => line.split(":")[1]?.trim() ?? ""),
    namespaces: await lines("ip", "netns", "list"),
    tables: await lines("nft", "list", "tables"),
    processes: processesOf(folder),
  };
}

function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return line.includes(folder) ? [line.replaceAll("\0", " ").trim()] : [];
      } catch {
        return [];
      }
    });
}
