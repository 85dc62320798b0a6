/** Second source: Pulumi's own archive from Pulumi's own host, the one that its installer fetches. */
import { createWriteStream, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatSeconds, step } from "../../common/progress.ts";
import { lastWords, run } from "../process.ts";
import { keyOf, makeOnce } from "./cache.ts";
import type { CannotServe, EngineSource, FoundEngine } from "./sources.ts";
import { engineVersion } from "./versions.ts";

export interface DownloadSettings {
  /** Base URL of the releases. */
  host: string;
  cacheFolder: string;
  /** Milliseconds until a first answer. */
  probeLimit: number;
  /** Milliseconds without a byte. */
  stallLimit: number;
  /** Milliseconds for the whole archive. */
  totalLimit: number;
}

export const officialDownload = {
  host: "https://get.pulumi.com/releases/sdk",
  probeLimit: 4_000,
  stallLimit: 15_000,
  totalLimit: 600_000,
};

export function downloadedEngine(settings: DownloadSettings): EngineSource {
  return { title: "official download", find: () => find(settings) };
}

/** Whether Pulumi's host answers at all; asked once a run, so that no internet costs seconds, not minutes. */
export async function reachable(url: string, limit: number): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      method: "HEAD",
      redirect: "follow",
      signal: AbortSignal.timeout(limit),
    });
    return answer.status < 500 ? undefined : `${url} answers with HTTP ${answer.status}`;
  } catch (error) {
    return `${new URL(url).host} cannot be reached: ${reasonOf(error, limit)}`;
  }
}

async function find(settings: DownloadSettings): Promise<FoundEngine | CannotServe> {
  const platform = platformName();
  if (!platform) return { because: `there is no official build for ${process.platform}-${process.arch}` };
  const archive = `pulumi-v${engineVersion}-${platform}.tar.gz`;
  const folder = join(settings.cacheFolder, `download-${keyOf({ archive, host: settings.host })}`);
  const bin = join(folder, "pulumi");
  const started = performance.now();
  if (!existsSync(folder)) {
    const url = `${settings.host}/${archive}`;
    const unreachable = await reachable(url, settings.probeLimit);
    if (unreachable) return { because: unreachable };
    const failure = await fetchArchive(url, folder, settings);
    if (failure) return { because: failure };
  }
  return {
    version: `v${engineVersion}`,
    cli: join(bin, "pulumi"),
    hostFolder: bin,
    hostSource: "official download",
    seconds: { download: (performance.now() - started) / 1000 },
  };
}

/** @returns why it failed */
async function fetchArchive(
  url: string,
  folder: string,
  settings: DownloadSettings,
): Promise<string | undefined> {
  try {
    await makeOnce(folder, async (temporary) => {
      const file = join(temporary, "archive.tar.gz");
      await step(`Downloading Pulumi ${engineVersion}`, async (shown) => {
        await save(url, file, settings, (done, total) => shown.at(done, total));
      });
      const unpacked = await run("tar", ["-xzf", file, "-C", temporary]);
      if (unpacked.code !== 0) throw new Error(`the archive cannot be unpacked: ${lastWords(unpacked)}`);
      rmSync(file);
      await prove(join(temporary, "pulumi"));
    });
    return undefined;
  } catch (error) {
    return `${url}: ${reasonOf(error, settings.totalLimit)}`;
  }
}

async function save(
  url: string,
  file: string,
  settings: DownloadSettings,
  onProgress: (doneMiB: number, totalMiB?: number) => void,
): Promise<void> {
  const stall = new AbortController();
  const signal = AbortSignal.any([stall.signal, AbortSignal.timeout(settings.totalLimit)]);
  const answer = await fetch(url, { signal });
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
  const total = Number(answer.headers.get("content-length")) || undefined;
  const mebibytes = (bytes: number) => Math.round(bytes / 1048576);
  let done = 0;
  const stalled = () => stall.abort(new Error(`no byte for ${formatSeconds(settings.stallLimit / 1000)}`));
  let timer = setTimeout(stalled, settings.stallLimit);
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      clearTimeout(timer);
      timer = setTimeout(stalled, settings.stallLimit);
      done += chunk.length;
      onProgress(mebibytes(done), total && mebibytes(total));
      next(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(answer.body), meter, createWriteStream(file), { signal });
  } finally {
    clearTimeout(timer);
  }
  if (total !== undefined && done !== total) throw new Error(`${done} of ${total} bytes came`);
}

/** An archive counts only when what it holds says that it is the asked version. */
async function prove(bin: string): Promise<void> {
  const files = existsSync(bin) ? readdirSync(bin) : [];
  for (const needed of ["pulumi", "pulumi-language-nodejs"]) {
    if (!files.includes(needed)) throw new Error(`the archive holds no ${needed}`);
  }
  const version = await run(join(bin, "pulumi"), ["version"], {
    limit: 20_000,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (version.stdout.trim() !== `v${engineVersion}`) {
    throw new Error(`the archive's pulumi says ${version.stdout.trim() || lastWords(version)}`);
  }
}

function platformName(): string | undefined {
  const names: Record<string, string> = { "linux-x64": "linux-x64", "linux-arm64": "linux-arm64" };
  return names[`${process.platform}-${process.arch}`];
}

function reasonOf(error: unknown, limit: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${formatSeconds(limit / 1000)}`;
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return cause ?? error.message;
}
