/**
 * Where a copy lands, by what is there already:
 *
 * | source    | an existing folder | nothing      | an existing file |
 * |-----------|--------------------|--------------|------------------|
 * | `folder`  | path/folder        | path/folder  | refused          |
 * | `folder/` | into path          | into path    | refused          |
 * | file      | path/file          | path         | overwritten      |
 * | text      | refused            | path         | overwritten      |
 */
import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { Problem } from "../../../common/problem.ts";
import type { RemoteFiles } from "../../ssh/index.ts";

/** Small files wait for the machine more than for anything else. */
const filesAtOnce = 8;

export async function copyText(files: RemoteFiles, text: string, remotePath: string): Promise<void> {
  await files.makeFolders(posix.dirname(remotePath));
  if ((await files.kindOf(remotePath)) === "directory") {
    throw new Problem({
      what: "cannot copy the text",
      object: `remote path ${remotePath}`,
      because: "it is a directory; when using a text asset, remotePath must be a file path",
      next: "give the name of the file in remotePath",
    });
  }
  await files.write(Buffer.from(text), remotePath);
}

export async function copyPath(files: RemoteFiles, source: string, remotePath: string): Promise<void> {
  const isFolder = await isLocalFolder(source);
  await files.makeFolders(posix.dirname(remotePath));
  if (isFolder) {
    await files.makeFolder(remotePath);
    const into = source.endsWith("/") ? remotePath : posix.join(remotePath, basename(source));
    await copyFolder(files, source, into);
  } else {
    const into = (await files.kindOf(remotePath)) === "directory";
    await files.write(source, into ? posix.join(remotePath, basename(source)) : remotePath);
  }
}

async function copyFolder(files: RemoteFiles, source: string, remotePath: string): Promise<void> {
  const found = await contentOf(source);
  await files.makeFolder(remotePath);
  for (const folder of found.folders) await files.makeFolder(posix.join(remotePath, folder));
  const pending = [...found.files];
  const worker = async () => {
    for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
      await files.write(join(source, file), posix.join(remotePath, file));
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: filesAtOnce }, worker));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/** Relative paths; a folder stands before what is in it. */
async function contentOf(source: string): Promise<{ folders: string[]; files: string[] }> {
  const content = { folders: [] as string[], files: [] as string[] };
  const look = async (folder: string): Promise<void> => {
    const entries = await readdir(join(source, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        content.folders.push(path);
        await look(path);
      } else content.files.push(path);
    }
  };
  await look("");
  return content;
}

async function isLocalFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new Problem({
      what: "cannot read the source to copy",
      object: path,
      because: (cause as Error).message,
      next: `ls -l ${path}`,
      cause,
    });
  }
}
