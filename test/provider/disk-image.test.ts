/** The search through a disk image: what it finds, wherever and however that is written. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchImage } from "../../providers/cloudstack/disk-image/fetch.ts";
import { searchImage } from "../../providers/cloudstack/disk-image/search.ts";

const mebibyte = 1024 ** 2;
const box = mkdtempSync(join(tmpdir(), "disk-image-"));
const raw = join(box, "disk.raw");
const secret = "a secret of the build";
/** Within a block, across the border of two pieces that are read, across two blocks that are stored apart, at the end. */
const places = [5000, 8 * mebibyte - 7, 40 * mebibyte - 3, 64 * mebibyte - secret.length];
const { signal } = new AbortController();
const searching = { signal, onBytes: () => undefined };

beforeAll(() => {
  const file = openSync(raw, "w");
  for (let at = 0; at < 12 * mebibyte; at += mebibyte)
    writeSync(file, Buffer.alloc(mebibyte, 0x5a), 0, mebibyte, at);
  for (const at of [places[2] ?? 0, places[3] ?? 0, places[0] ?? 0, places[1] ?? 0])
    writeSync(file, secret, at);
});
afterAll(() => rmSync(box, { recursive: true }));

function image(format: string, ...options: string[]): string {
  const path = join(box, `copy.${format}${options.join("")}`);
  execFileSync("qemu-img", ["convert", "-O", format, ...options, raw, path]);
  return path;
}

test.each([
  ["raw", []],
  ["qcow2", []],
  ["qcow2", ["-c"]],
  ["vpc", []],
  ["vmdk", []],
])("%s %j: every place, and nothing that is not there", async (format, options) => {
  const { findings, bytes } = await searchImage(
    image(format, ...options),
    { password: secret, key: "is nowhere at all" },
    searching,
  );
  expect(findings).toEqual([{ name: "password", places: places.length, first: places[0] }]);
  expect(bytes).toBeLessThan(32 * mebibyte);
});

test("an image that refers to another file is not followed, and one that is none is told", async () => {
  const path = join(box, "overlay.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", raw, "-F", "raw", path]);
  await expect(searchImage(path, { password: secret }, searching)).rejects.toThrow("refers to another file");
  await expect(searchImage(join(box, "missing"), { password: secret }, searching)).rejects.toThrow("missing");
});

async function served(listener: RequestListener, path: string): Promise<void> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const url = new URL(`http://127.0.0.1:${port}/image`);
    await fetchImage(url, path, { authority: undefined, signal, onBytes: () => undefined });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("an image is fetched whole, its owner's alone; an error page, a torn answer and a full disk are told", async () => {
  const path = join(box, "fetched");
  await served((_, response) => response.end("an image"), path);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["an image", 0o600]);
  await expect(served((_, response) => response.writeHead(410).end(), path)).rejects.toThrow(
    "answers HTTP 410",
  );
  const torn: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setImmediate(() => response.destroy());
  };
  await expect(served(torn, path)).rejects.toThrow();
  const huge: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": String(2 ** 52) }).flushHeaders();
  };
  await expect(served(huge, path)).rejects.toThrow(/has room for/u);
  expect(readdirSync(box)).toContain("fetched");
});
