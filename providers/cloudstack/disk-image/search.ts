/**
 * Looks for texts in a disk image: in files, in what lies between them, and in free space, where what was deleted
 * stays until it is written over. What is nowhere written is not read.
 */
import { execFile } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

export interface Finding {
  /** The name under which the text was given. */
  name: string;
  /** How often it is there. */
  places: number;
  /** Byte of the disk at which it is first. */
  first: number;
}

export interface Searched {
  findings: Finding[];
  /** Bytes of the disk that were looked at. */
  bytes: number;
}

export interface Searching {
  signal: AbortSignal;
  onBytes(done: number, total: number): void;
}

/** Bytes that are read at once. */
const pieceSize = 8 * 1024 * 1024;

const extent = z.object({
  start: z.number(),
  length: z.number(),
  data: z.boolean(),
  zero: z.boolean(),
  /** In the file; absent where it is compressed. */
  offset: z.number().optional(),
});
type Extent = z.infer<typeof extent>;

const run = promisify(execFile);

/**
 * @param image any format that qemu-img reads
 * @param texts by a name for messages
 * @throws Error when the image cannot be read, or qemu-img is not there (code ENOENT)
 */
export async function searchImage(
  image: string,
  texts: Readonly<Record<string, string>>,
  searching: Searching,
): Promise<Searched> {
  const info = z
    .object({ format: z.string(), "backing-filename": z.string().optional() })
    .parse(JSON.parse((await run("qemu-img", ["info", "--output=json", image])).stdout));
  // Such an image would have other files of this computer read as if they were the disk's.
  if (info["backing-filename"] !== undefined) throw new Error("the image refers to another file");
  const mapped = await extentsOf(image, info.format);
  if (mapped.every(({ offset }) => offset !== undefined)) return searchFile(image, mapped, texts, searching);
  const raw = `${image}.raw`;
  await run("qemu-img", ["convert", "-f", info.format, "-O", "raw", image, raw], {
    signal: searching.signal,
  });
  return searchFile(raw, await extentsOf(raw, "raw"), texts, searching);
}

/** The parts that hold something, in the order of the disk. */
async function extentsOf(image: string, format: string): Promise<Extent[]> {
  const { stdout } = await run("qemu-img", ["map", "--output=json", "-f", format, image], {
    maxBuffer: 1024 ** 3,
  });
  return z
    .array(extent)
    .parse(JSON.parse(stdout))
    .filter(({ data, zero }) => data && !zero)
    .sort((a, b) => a.start - b.start);
}

async function searchFile(
  path: string,
  extents: readonly Extent[],
  texts: Readonly<Record<string, string>>,
  { signal, onBytes }: Searching,
): Promise<Searched> {
  const wanted = Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text, "utf8") }));
  const longest = Math.max(0, ...wanted.map(({ bytes }) => bytes.length));
  const total = extents.reduce((sum, { length }) => sum + length, 0);
  const found = new Map<string, Finding>();
  let done = 0;
  const file = await open(path, "r");
  try {
    for await (const { buffer, at, fresh } of piecesOf(file, extents, longest - 1)) {
      signal.throwIfAborted();
      for (const { name, bytes } of wanted) {
        for (const index of placesOf(bytes, buffer, fresh - bytes.length + 1)) {
          const known = found.get(name) ?? { name, places: 0, first: at + index };
          found.set(name, { ...known, places: known.places + 1 });
        }
      }
      done += buffer.length - fresh;
      onBytes(done, total);
    }
  } finally {
    await file.close();
  }
  return { findings: [...found.values()], bytes: total };
}

interface Piece {
  buffer: Buffer;
  /** Byte of the disk at which the buffer begins. */
  at: number;
  /** Where in the buffer begins what the piece before had not. */
  fresh: number;
}

/** Neighbouring parts overlap, so that a text across their border is seen. */
async function* piecesOf(
  file: FileHandle,
  extents: readonly Extent[],
  overlap: number,
): AsyncGenerator<Piece> {
  const store = Buffer.allocUnsafe(pieceSize + overlap);
  let end = -1;
  let kept = 0;
  for (const { start, length, offset = 0 } of extents) {
    if (start !== end) kept = 0;
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(store, kept, Math.min(pieceSize, length - done), offset + done);
      if (bytesRead === 0)
        throw new Error(`the image ends at byte ${offset + done}, in the middle of a part`);
      const filled = kept + bytesRead;
      yield { buffer: store.subarray(0, filled), at: start + done - kept, fresh: kept };
      const next = Math.min(overlap, filled);
      store.copyWithin(0, filled - next, filled);
      kept = next;
      done += bytesRead;
    }
    end = start + length;
  }
}

/** Those that lie in the fresh part, at least with their last byte. */
function* placesOf(bytes: Buffer, buffer: Buffer, from: number): Generator<number> {
  let index = buffer.indexOf(bytes, Math.max(0, from));
  while (index >= 0) {
    yield index;
    index = buffer.indexOf(bytes, index + 1);
  }
}
