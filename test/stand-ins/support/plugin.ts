/** A plugin as the engine has it: a process, asked over gRPC. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pluginPins } from "../../../toolchain/engine/versions.ts";
import { root } from "../../../toolchain/project.ts";
import { connect, type Engine } from "../../provider/support/engine.ts";

export interface PluginSource {
  /** "stand-in", "official" */
  name: string;
  /** The executable for "command" or "random". */
  program(plugin: string): string;
}

const standIn: PluginSource = {
  name: "stand-in",
  program: (plugin) => join(root, "providers", plugin, `pulumi-resource-${plugin}`),
};

/** The stand-ins, and Pulumi's own plugins where OFFICIAL_PLUGINS names a folder that has them. */
export const sources: readonly PluginSource[] = [standIn, ...officialIn(process.env.OFFICIAL_PLUGINS)];

/** Every pair of writer and reader that are not the same; with the stand-ins alone, there is none. */
export const exchanges = sources.flatMap((writer) =>
  sources.filter((reader) => reader !== writer).map((reader) => ({ writer, reader })),
);

function officialIn(folder: string | undefined): PluginSource[] {
  if (!folder) return [];
  const program = (plugin: string) => {
    const file = `pulumi-resource-${plugin}`;
    const version = pluginPins.find(({ name }) => name === plugin)?.version;
    const places = [join(folder, file), join(folder, `resource-${plugin}-v${version}`, file)];
    const found = places.find((place) => existsSync(place));
    if (!found) throw new Error(`OFFICIAL_PLUGINS has no ${plugin}: looked for ${places.join(" and ")}`);
    return found;
  };
  return [{ name: "official", program }];
}

export interface Plugin extends Engine {
  process: ChildProcess;
  stop(): Promise<void>;
}

/** @param logAddress where its messages go */
export async function startPlugin(
  source: PluginSource,
  plugin: string,
  options: { logAddress?: string; folder?: string } = {},
): Promise<Plugin> {
  const child = spawn(source.program(plugin), [options.logAddress ?? "127.0.0.1:1"], {
    stdio: ["pipe", "pipe", "inherit"],
    ...(options.folder !== undefined && { cwd: options.folder }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(Number(line)));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the plugin ended at once with ${code}`)));
  });
  const engine = connect(port);
  await engine.configure();
  return {
    ...engine,
    process: child,
    stop: async () => {
      engine.close();
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGTERM")) await gone;
    },
  };
}
