import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { downloadedEngine, reachable } from "../../toolchain/engine/download.ts";
import { engineVersion } from "../../toolchain/engine/versions.ts";

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-download-"));
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", () => resolve()));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

/** An archive of the official shape, whose pulumi says `version`. */
function archive(version: string, programs = ["pulumi", "pulumi-language-nodejs"]): Buffer {
  const source = join(folder, "source", "pulumi");
  mkdirSync(source, { recursive: true });
  for (const program of programs) {
    writeFileSync(join(source, program), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(source, program), 0o755);
  }
  const file = join(folder, "archive.tar.gz");
  execFileSync("tar", ["-czf", file, "-C", join(folder, "source"), "pulumi"]);
  return readFileSync(file);
}

function find(host: string) {
  const limits = { probeLimit: 1_000, stallLimit: 1_000, totalLimit: 20_000 };
  return downloadedEngine({ host, cacheFolder: join(folder, "cache"), ...limits }).find();
}

test("a good archive becomes an engine, and is not asked for twice", async () => {
  const body = archive(`v${engineVersion}`);
  let downloads = 0;
  const host = await serve((request, response) => {
    if (request.method === "GET") downloads++;
    response.setHeader("content-length", body.length);
    response.end(request.method === "GET" ? body : undefined);
  });
  const found = await find(host);
  expect(found).toMatchObject({ version: `v${engineVersion}`, hostSource: "official download" });
  expect(existsSync("cli" in found ? found.cli : "")).toBe(true);
  expect(await find(host)).toMatchObject({ version: `v${engineVersion}` });
  expect(downloads).toBe(1);
});

test.each([
  ["says another version", () => archive("v3.1.0"), "says v3.1.0"],
  ["lacks the host", () => archive(`v${engineVersion}`, ["pulumi"]), "holds no pulumi-language-nodejs"],
  ["is no archive", () => Buffer.from("<html>sign in to the network</html>"), "cannot be unpacked"],
])("an archive that %s is refused and nothing of it stays", async (_title, make, because) => {
  const body = make();
  const host = await serve((_request, response) => response.end(body));
  expect(await find(host)).toHaveProperty("because", expect.stringContaining(because));
  expect(readdirSync(join(folder, "cache")).filter((name) => !name.endsWith(".lock"))).toEqual([]);
});

test("a download that stalls is given up", async () => {
  const host = await serve((request, response) => {
    if (request.method === "HEAD") return response.end();
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write("some bytes");
  });
  expect(await find(host)).toHaveProperty("because", expect.stringContaining("no byte for 1.0 s"));
});

test("a host that does not answer, or does not exist, gives way within the time of the probe", async () => {
  const host = await serve(() => undefined);
  const started = performance.now();
  expect(await find(host)).toHaveProperty("because", expect.stringContaining("no answer within 1.0 s"));
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(await reachable("https://nowhere.invalid/x", 2_000)).toContain("nowhere.invalid cannot be reached");
});
