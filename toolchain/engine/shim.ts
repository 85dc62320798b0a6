/** The shim for dynamic providers, which the CLI looks for beside itself; the SDK package carries it. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../project.ts";

export function placeDynamicProviderShim(folder: string): void {
  const name = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(root, "node_modules", "@pulumi", "pulumi", name), join(folder, name));
}
