/**
 * The provider plugins `command` and `random`: Pulumi's own download where it can be reached, else the project's
 * stand-ins, which speak the same wire names. Both live where the engine looks first, under PULUMI_HOME/plugins.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../../common/problem.ts";
import { step } from "../../common/progress.ts";
import { lastWords, run } from "../process.ts";
import type { EngineRecord } from "./record.ts";
import type { PluginPin } from "./versions.ts";

export interface PluginSettings {
  pulumiHome: string;
  /** The project's providers/ folder. */
  providers: string;
  /** The project's own Node.js. */
  node: string;
  /** Why Pulumi's host is out of reach in this run; undefined when it answers. */
  unreachable: string | undefined;
  /** Milliseconds for one official download. */
  downloadLimit: number;
  cli: string;
}

type InstalledPlugin = EngineRecord["plugins"][number];

export const standInMarker = "stand-in";

export async function ensurePlugin(pin: PluginPin, settings: PluginSettings): Promise<InstalledPlugin> {
  const folder = join(settings.pulumiHome, "plugins", `resource-${pin.name}-v${pin.version}`);
  const found = sourceOf(folder);
  if (found === "official download") return { ...pin, source: found, folder };
  if (settings.unreachable === undefined && (await download(pin, folder, settings))) {
    return { ...pin, source: "official download", folder };
  }
  placeStandIn(pin, folder, settings);
  return { ...pin, source: standInMarker, folder };
}

function sourceOf(folder: string): string | undefined {
  if (!existsSync(folder) || existsSync(`${folder}.partial`)) return undefined;
  return existsSync(join(folder, standInMarker)) ? standInMarker : "official download";
}

async function download(pin: PluginPin, folder: string, settings: PluginSettings): Promise<boolean> {
  const env = { ...process.env, PULUMI_HOME: settings.pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return step(`Downloading the ${pin.name} plugin ${pin.version}`, async (shown) => {
    const args = ["plugin", "install", "resource", pin.name, pin.version, "--reinstall"];
    const result = await run(settings.cli, args, { env, limit: settings.downloadLimit });
    const arrived = result.code === 0 && sourceOf(folder) === "official download";
    if (!arrived) {
      shown.done(`not to be had (${lastWords(result, 1)})`);
      for (const rest of [folder, `${folder}.partial`, `${folder}.lock`]) {
        rmSync(rest, { recursive: true, force: true });
      }
    }
    return arrived;
  });
}

function placeStandIn(pin: PluginPin, folder: string, settings: PluginSettings): void {
  const program = `pulumi-resource-${pin.name}`;
  const provider = join(settings.providers, pin.name);
  if (!existsSync(join(provider, program))) {
    throw new Problem({
      what: "cannot install the plugin",
      object: `${pin.name} ${pin.version}`,
      because: `${settings.unreachable ?? "the official download failed"}, and the stand-in ${join(provider, program)} is missing`,
      next: `git checkout -- providers/${pin.name}`,
    });
  }
  const made = `${folder}.making`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  writeFileSync(
    join(made, program),
    `#!/bin/sh\nPATH=${quoted(join(settings.node, ".."))}:$PATH\nexport PATH\nexec ${quoted(join(provider, program))} "$@"\n`,
    { mode: 0o755 },
  );
  writeFileSync(
    join(made, standInMarker),
    `Not Pulumi's own plugin: the project's stand-in for ${pin.name} ${pin.version}.\n`,
  );
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  rmSync(`${folder}.partial`, { force: true });
  writeFileSync(`${folder}.lock`, "");
}

/** Plugin folders that answer to other pins, left by an older version of the project. */
export function removeOtherVersions(pins: readonly PluginPin[], pulumiHome: string): void {
  const plugins = join(pulumiHome, "plugins");
  if (!existsSync(plugins)) return;
  for (const name of readdirSync(plugins)) {
    const pin = pins.find((candidate) => name.startsWith(`resource-${candidate.name}-v`));
    if (pin && !name.startsWith(`resource-${pin.name}-v${pin.version}`)) {
      rmSync(join(plugins, name), { recursive: true, force: true });
    }
  }
}
