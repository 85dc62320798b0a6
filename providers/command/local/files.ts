/** Files that a command left, as assets and as an archive. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { Problem } from "../../../common/problem.ts";
import { Archive, Asset, type Properties } from "../../rpc/index.ts";
import { isPlainObject } from "../../rpc/values.ts";
import { pathRules } from "./globs.ts";
import { TarHash } from "./tar-hash.ts";

/** By path relative to the directory. */
export async function assetsOf(
  directory: string,
  patterns: readonly string[],
): Promise<Record<string, Asset>> {
  const assets: Record<string, Asset> = {};
  for (const { path, file, content } of await matching(directory, patterns)) {
    assets[path] = new Asset({ path: file, hash: createHash("sha256").update(content).digest("hex") });
  }
  return assets;
}

export async function archiveOf(directory: string, patterns: readonly string[]): Promise<Archive> {
  const assets: Record<string, Asset> = {};
  const whole = new TarHash();
  for (const { path, file, content } of await matching(directory, patterns)) {
    assets[path] = new Asset({ path: file, hash: createHash("sha256").update(content).digest("hex") });
    whole.add(path, content);
  }
  return new Archive({ assets, hash: whole.end() });
}

/**
 * The engine shows a provider only the hashes of files, and takes for the whole what it is shown back. What is still
 * there as it was gets its place again.
 */
export async function restoredFiles(state: Properties): Promise<Properties> {
  const { assets, archive, archivePaths } = state;
  const directory = String(state.dir ?? process.cwd());
  return {
    ...(isPlainObject(assets) && { assets: withPaths(directory, assets) }),
    ...(archive instanceof Archive && {
      archive: await sameArchive(directory, (archivePaths ?? []) as string[], archive),
    }),
  };
}

function withPaths(directory: string, assets: Properties): Properties {
  const restored = Object.entries(assets).map(([path, asset]) => {
    const hash = asset instanceof Asset ? asset.hash : undefined;
    return [path, new Asset({ path: posix.join(directory, path), ...(hash !== undefined && { hash }) })];
  });
  return Object.fromEntries(restored);
}

async function sameArchive(directory: string, patterns: readonly string[], known: Archive): Promise<Archive> {
  const found = await archiveOf(directory, patterns).catch(() => undefined);
  return found !== undefined && found.hash === known.hash ? found : known;
}

interface Found {
  path: string;
  file: string;
  content: Buffer;
}

async function matching(directory: string, patterns: readonly string[]): Promise<Found[]> {
  const wanted = pathRules(patterns);
  const found: Found[] = [];
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(posix.join(directory, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      const file = posix.join(directory, path);
      if (entry.isDirectory()) await look(path);
      else if (wanted(path))
        found.push({ path, file, content: await readFile(file).catch(unreadable(file)) });
    }
  };
  await look("");
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function unreadable(file: string) {
  return (cause: Error): never => {
    throw new Problem({
      what: "cannot read a file that the command left",
      object: file,
      because: cause.message,
      next: "exclude it with a pattern that starts with !",
      cause,
    });
  };
}
