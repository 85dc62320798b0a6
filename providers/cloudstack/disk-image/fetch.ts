/** A disk image from the URL that a cloud gave, into a file. */
import { createWriteStream } from "node:fs";
import { statfs } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { agentFor } from "../client/transport.ts";

export interface Fetching {
  /** PEM of a certificate authority that counts besides the system's. */
  authority: string | undefined;
  signal: AbortSignal;
  /** Called with each piece that came; `total` is unknown where the server does not say it. */
  onBytes(done: number, total: number | undefined): void;
}

/** @throws Error with the reason: an answer that is none, or no room for what comes */
export async function fetchImage(url: URL, path: string, fetching: Fetching): Promise<void> {
  const answer = await ask(url, fetching);
  const length = Number(answer.headers["content-length"]);
  const total = Number.isFinite(length) ? length : undefined;
  const { bavail, bsize } = await statfs(dirname(path));
  if (total !== undefined && total > bavail * bsize) {
    answer.destroy();
    throw new Error(`the image has ${total} bytes, and ${dirname(path)} has room for ${bavail * bsize}`);
  }
  let done = 0;
  answer.on("data", (piece: Buffer) => {
    done += piece.length;
    fetching.onBytes(done, total);
  });
  await pipeline(answer, createWriteStream(path, { mode: 0o600 }), { signal: fetching.signal });
}

function ask(url: URL, { authority, signal }: Fetching): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: agentFor(url, authority), signal }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      answer.destroy();
      reject(new Error(`${url.host} answers HTTP ${answer.statusCode}`));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
