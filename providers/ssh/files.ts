/** Files on the machine, over SFTP. */
import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import type { SFTPWrapper } from "ssh2";
import { Problem } from "../../common/problem.ts";
import { describeTarget, type SshTarget, sshCommandLine } from "./target.ts";

export type RemoteKind = "file" | "directory";

const noSuchFile = 2;
const blockBytes = 32 * 1024;
/** Blocks on their way at once: one after the other would cost a round trip each. */
const blocksAtOnce = 32;

export class RemoteFiles {
  readonly #sftp: SFTPWrapper;
  readonly #target: SshTarget;
  readonly #signal: AbortSignal | undefined;

  constructor(sftp: SFTPWrapper, target: SshTarget, signal?: AbortSignal) {
    this.#sftp = sftp;
    this.#target = target;
    this.#signal = signal;
  }

  /** Symbolic links are followed; undefined when nothing is there. */
  async kindOf(path: string): Promise<RemoteKind | undefined> {
    try {
      const attributes = await ask<{ isDirectory(): boolean }>((done) => this.#sftp.stat(path, done));
      return attributes.isDirectory() ? "directory" : "file";
    } catch (cause) {
      if ((cause as { code?: number }).code === noSuchFile) return undefined;
      throw this.#problem(`cannot look at ${path}`, cause);
    }
  }

  /** Makes a folder where none is. */
  async makeFolder(path: string): Promise<void> {
    const kind = await this.kindOf(path);
    if (kind === "directory") return;
    if (kind === "file") throw this.#problem(`cannot create the folder ${path}`, new Error("it is a file"));
    try {
      await ask<void>((done) => this.#sftp.mkdir(path, done));
    } catch (cause) {
      // Another copy may have made it at the same time.
      if ((await this.kindOf(path)) !== "directory")
        throw this.#problem(`cannot create the folder ${path}`, cause);
    }
  }

  /** Makes a folder and all that it lies in. */
  async makeFolders(path: string): Promise<void> {
    if (path === "." || path === "/" || (await this.kindOf(path)) === "directory") return;
    await this.makeFolders(posix.dirname(path));
    await this.makeFolder(path);
  }

  /** A new file has the mode of the machine's umask, one that is there keeps its own. */
  async write(source: string | Buffer, path: string): Promise<void> {
    const blocks = typeof source === "string" ? await localFile(source) : buffer(source);
    try {
      const handle = await ask<Buffer>((done) => this.#sftp.open(path, "w", done));
      await this.#writeBlocks(blocks, handle).finally(() =>
        ask<void>((done) => this.#sftp.close(handle, done)),
      );
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw this.#problem(`cannot write ${path}`, cause);
    } finally {
      await blocks.close();
    }
  }

  async #writeBlocks(blocks: Blocks, handle: Buffer): Promise<void> {
    let next = 0;
    let ended = false;
    const worker = async () => {
      while (!ended) {
        this.#signal?.throwIfAborted();
        const position = next;
        next += blockBytes;
        const block = await blocks.read(position);
        if (block.length < blockBytes) ended = true;
        if (block.length > 0) {
          await ask<void>((done) => this.#sftp.write(handle, block, 0, block.length, position, done));
        }
      }
    };
    const workers = Array.from({ length: blocksAtOnce }, worker);
    const outcomes = await Promise.allSettled(workers);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }

  #problem(what: string, cause: unknown): Problem {
    if (cause instanceof Problem) return cause;
    return new Problem({
      what,
      object: describeTarget(this.#target),
      because: cause instanceof Error ? cause.message : String(cause),
      next: sshCommandLine(this.#target),
      cause,
    });
  }
}

interface Blocks {
  /** Shorter than a block at the end, and empty behind it. */
  read(position: number): Promise<Buffer>;
  close(): Promise<void>;
}

async function localFile(path: string): Promise<Blocks> {
  const file: FileHandle = await open(path, "r").catch((cause: Error) => {
    throw new Problem({
      what: "cannot read the file to copy",
      object: path,
      because: cause.message,
      next: `ls -l ${path}`,
      cause,
    });
  });
  return {
    read: async (position) => {
      const block = Buffer.alloc(blockBytes);
      let filled = 0;
      while (filled < blockBytes) {
        const { bytesRead } = await file.read(block, filled, blockBytes - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return block.subarray(0, filled);
    },
    close: () => file.close(),
  };
}

function buffer(bytes: Buffer): Blocks {
  return {
    read: async (position) => bytes.subarray(position, position + blockBytes),
    close: async () => {},
  };
}

function ask<T>(send: (done: (cause: Error | null | undefined, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((cause, answer) => (cause ? reject(cause) : resolve(answer)));
  });
}
