/**
 * The CloudStack provider as others use it: one file that any Node.js of version 24 runs, and the archive that Pulumi
 * installs as a plugin.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { Problem } from "../../common/problem.ts";
import { provider } from "../../providers/cloudstack/provider.ts";
import { run } from "../process.ts";
import type { ProjectPaths } from "../project.ts";

const program = "pulumi-resource-cloudstack";

/** As small in memory as the provider that runs from its sources. */
const firstLine = "#!/usr/bin/env -S node --max-semi-space-size=1 --max-old-space-size=256";

export interface PluginFiles {
  /** The program in one file. */
  program: string;
  /** For `pulumi plugin install --file`. */
  archive: string;
  version: string;
}

export async function bundleProvider(paths: ProjectPaths): Promise<PluginFiles> {
  const folder = join(paths.own, "plugin");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, program);
  const bundle = await rolldown({
    input: join(paths.root, "providers/cloudstack/main.ts"),
    platform: "node",
    // Optional parts that the SDK of Pulumi looks for and a provider never uses.
    external: ["typescript", "ts-node"],
    logLevel: "silent",
  });
  await bundle.write({ file, format: "cjs", codeSplitting: false, minify: false });
  writeFileSync(file, `${firstLine}\n${readFileSync(file, "utf8")}`);
  chmodSync(file, 0o755);
  // A file without an ending is what the nearest package.json says, and above a plugin may lie anybody's.
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  const { version } = provider.schema;
  const archive = join(folder, `${program}-v${version}-any.tar.gz`);
  const packed = await run("tar", ["-czf", archive, "-C", folder, program, "package.json"], { cwd: folder });
  if (packed.code !== 0) {
    throw new Problem({
      what: "the plugin's archive cannot be made",
      object: archive,
      because: packed.stderr.trim(),
      next: "npm run plugin",
    });
  }
  return { program: file, archive, version };
}
