/** Reads a tar, compressed or not, without unpacking it. */
import { list, type ReadEntry } from "tar";

export interface Archive {
  path: string;
  entries: readonly ArchiveEntry[];
  /** Text members by path. */
  texts: ReadonlyMap<string, string>;
  /** Texts that are too long to be read. */
  unread: readonly string[];
  /** Why it could not be read to its end. */
  fault: string | undefined;
}

export interface ArchiveEntry {
  path: string;
  /** tar's own words: "File", "Directory", "SymbolicLink", "Link", "CharacterDevice", ... */
  type: string;
  size: number;
  target: string | undefined;
}

const textMember =
  /(^|\/)(BUILD_ID|\.env[^/]*|[^/]+\.(js|mjs|cjs|jsx|ts|tsx|json|html|map|txt|css|rsc|meta))$/u;
/** They are thrown away and installed anew, so what stands in them is nobody's. */
const ofPackages = /(^|\/)node_modules\//u;
const longestText = 8 * 1024 * 1024;

/** @param file on disk  @param path for messages */
export async function readArchive(file: string, path: string): Promise<Archive> {
  const entries: ArchiveEntry[] = [];
  const texts = new Map<string, string>();
  const unread: string[] = [];
  const onReadEntry = (entry: ReadEntry) => {
    const name = entry.path.replace(/^\.\//u, "");
    if (name === "") return;
    entries.push({ path: name, type: entry.type, size: entry.size, target: entry.linkpath || undefined });
    if (entry.type !== "File" || !textMember.test(name) || ofPackages.test(name)) return;
    if (entry.size > longestText) {
      unread.push(name);
      return;
    }
    const parts: Buffer[] = [];
    entry.on("data", (part: Buffer) => parts.push(part));
    entry.on("end", () => texts.set(name, Buffer.concat(parts).toString("utf8")));
  };
  const fault = await list({ file, strict: true, onReadEntry }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return {
    path,
    entries,
    texts,
    unread,
    fault: fault ?? (entries.length === 0 ? "it has no member" : undefined),
  };
}
