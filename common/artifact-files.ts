/** Whether the artifacts' files are there, and are what the manifest says. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "./artifact-manifest.ts";
import { Problem } from "./problem.ts";

/**
 * One Problem for each file that is missing or another one. What comes from a URL is checked by the machine that fetches it.
 * @param root the project's folder
 */
export function artifactFaults(root: string, artifacts: readonly Artifact[]): Problem[] {
  return artifacts
    .filter(({ source }) => !source.includes("://"))
    .flatMap((artifact) => faultOf(join(root, artifact.source), artifact) ?? []);
}

function faultOf(path: string, artifact: Artifact): Problem | undefined {
  const { name, version, source, sha256 } = artifact;
  const object = `${name} ${version} (${source})`;
  if (!existsSync(path) || !statSync(path).isFile()) {
    return new Problem({
      what: "missing artifact",
      object,
      because: existsSync(path) ? "it is not a file" : "there is no such file",
      next: `put the file at ${source}, or name another source in the manifest`,
    });
  }
  const found = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (found === sha256) return undefined;
  return new Problem({
    what: "wrong artifact",
    object,
    because: `its SHA-256 is ${found}, the manifest says ${sha256}`,
    next: `sha256sum ${source}   # is it the right file? Then put this digest into the manifest`,
  });
}
