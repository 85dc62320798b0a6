/** Records found by their folder: each file exports them, so adding one is adding a file. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** All exports of all files of a folder, in the order of their names, but for the files that are no records. */
export async function exportsOf<T extends { name: string }>(
  folder: string,
  except: readonly string[] = [],
): Promise<T[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && !except.includes(file));
  const modules: object[] = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href)),
  );
  const records = modules.flatMap((module) => Object.values(module) as T[]);
  return records.sort((a, b) => (a.name < b.name ? -1 : 1));
}
