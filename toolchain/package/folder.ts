/** Lists a folder without following its links. */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { join, posix } from "node:path";

export interface Entry {
  /** Below the folder, with "/". */
  path: string;
  kind: "file" | "folder" | "link" | "other";
  /** Bytes of a file. */
  size: number;
  /** Target of a link. */
  target?: string;
}

export function listFolder(folder: string, below = ""): Entry[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = posix.join(below, name);
      const entry = entryOf(folder, path);
      return entry.kind === "folder" ? [entry, ...listFolder(folder, path)] : [entry];
    });
}

function entryOf(folder: string, path: string): Entry {
  const stat = lstatSync(join(folder, path));
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "folder"
      : stat.isSymbolicLink()
        ? "link"
        : "other";
  return {
    path,
    kind,
    size: stat.size,
    ...(kind === "link" ? { target: readlinkSync(join(folder, path)) } : {}),
  };
}

const longestText = 8 * 1024 * 1024;

/** Every file that is text: no byte of value 0 in its beginning. `tooLong` are texts that were not read. */
export function readTexts(
  folder: string,
  entries: readonly Entry[],
): { texts: Map<string, string>; tooLong: string[] } {
  const texts = new Map<string, string>();
  const tooLong: string[] = [];
  for (const { path, kind, size } of entries) {
    if (kind !== "file" || !isText(join(folder, path))) continue;
    if (size > longestText) tooLong.push(path);
    else texts.set(path, readFileSync(join(folder, path), "utf8"));
  }
  return { texts, tooLong };
}

function isText(file: string): boolean {
  const head = Buffer.alloc(4096);
  const opened = openSync(file, "r");
  try {
    return !head.subarray(0, readSync(opened, head)).includes(0);
  } finally {
    closeSync(opened);
  }
}

/** Whether a link's target, or a name in an archive, leads out of the folder that it stands in. */
export function leadsOut(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  return /^\.\.(\/|$)/u.test(posix.normalize(posix.join(posix.dirname(path), target)));
}
