/** Builds the committed SDKs: they are TypeScript source, and programs import their compiled form from bin/. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Problem } from "../../common/problem.ts";
import { step } from "../../common/progress.ts";
import { withLock } from "../lock.ts";
import { lastWords, run } from "../process.ts";
import type { ProjectPaths } from "../project.ts";

/** Folder names under sdks/. */
export function sdkNames(root: string): string[] {
  const folder = join(root, "sdks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "tsconfig.json")));
}

/** Builds every SDK whose source has moved since its last build. */
export async function ensureSdks(paths: ProjectPaths): Promise<void> {
  const stale = () => sdkNames(paths.root).filter((name) => isStale(join(paths.root, "sdks", name)));
  if (stale().length === 0) return;
  await withLock(join(paths.own, "sdks.lock"), async () => {
    for (const name of stale()) await step(`Building the SDK ${name}`, () => build(paths, name));
  });
}

function isStale(folder: string): boolean {
  const stamp = join(folder, "bin", ".source");
  return !existsSync(stamp) || readFileSync(stamp, "utf8") !== sourceDigest(folder);
}

async function build(paths: ProjectPaths, name: string): Promise<void> {
  const folder = join(paths.root, "sdks", name);
  const bin = join(folder, "bin");
  const digest = sourceDigest(folder);
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  const compiler = join(paths.root, "node_modules", "typescript", "bin", "tsc");
  const built = await run(paths.node, [compiler, "-p", folder, "--outDir", bin]);
  if (built.code !== 0) {
    throw new Problem({
      what: "cannot build the SDK",
      object: `sdks/${name}`,
      because: lastWords(built, 10),
      next: "npm run sdk",
    });
  }
  // The generated code reads its own version from there.
  copyFileSync(join(folder, "package.json"), join(bin, "package.json"));
  writeFileSync(join(bin, ".source"), digest);
}

/** Digest of every source file of an SDK by name and content. */
export function sourceDigest(folder: string, except: readonly string[] = []): string {
  const digest = createHash("sha256");
  for (const name of sourceFiles(folder).filter((file) => !except.includes(file))) {
    digest
      .update(`${name}\0`)
      .update(readFileSync(join(folder, name)))
      .update("\0");
  }
  return digest.digest("hex");
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !/^(bin|node_modules)\//.test(name))
    .sort();
}
