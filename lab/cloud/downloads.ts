/**
 * Templates that come from a URL: fetched in the background, compared with their checksum and made a layer. A lab that
 * was stopped or killed meanwhile begins again at its next start.
 */
import { createHash, type Hash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { wordsOf } from "../errors.ts";
import type { Cloud } from "./cloud.ts";
import type { Template, TemplateDownload } from "./model.ts";

interface Running {
  /** Of the download, 0 to 100. */
  percent: number;
  installing: boolean;
  done: Promise<void>;
}

export class Downloads {
  readonly #cloud: Cloud;
  readonly #running = new Map<string, Running>();
  #stopping = new AbortController();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Those that were under way when the lab went down. What a killed lab had fetched is of no use. */
  resume(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    for (const { id, download } of this.#cloud.store.all("templates")) {
      if (download && !download.done) this.begin(id);
    }
  }

  get #folder(): string {
    return join(this.#cloud.secondaryStorage, "downloads");
  }

  /** Outside of a transaction: the row is on the disk. */
  begin(templateId: string): void {
    const running: Running = { percent: 0, installing: false, done: Promise.resolve() };
    running.done = this.#download(templateId, running).finally(() => this.#running.delete(templateId));
    this.#running.set(templateId, running);
  }

  /** What lists say of it while it is not ready. */
  status(templateId: string): { text: string; percent: number } {
    const running = this.#running.get(templateId);
    if (running?.installing) return { text: "Installing Template", percent: 100 };
    const percent = running?.percent ?? 0;
    return { text: `${percent}% Downloaded`, percent };
  }

  /** Resolves when nothing of it goes on, however it ended. */
  async settled(templateId: string): Promise<void> {
    await this.#running.get(templateId)?.done;
  }

  /** Until they are resumed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    this.#stopping = new AbortController();
  }

  async #download(templateId: string, running: Running): Promise<void> {
    const cloud = this.#cloud;
    const template = cloud.store.need("templates", templateId);
    const { download } = template;
    const [layer] = template.layers;
    if (!download || layer === undefined) throw new Error(`template ${templateId} has nothing to download`);
    const file = join(this.#folder, templateId);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#fetch(download, file, running);
      running.installing = true;
      const image = await cloud.driver.unpack(file, download.format, layer);
      this.#conclude(templateId, { ...download, done: true }, "downloaded", {
        size: image.virtualSize,
        physicalSize: image.physicalSize,
        defaultUser: image.system,
      });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      cloud.log(`template ${template.name}: download: ${wordsOf(error)}`);
      const failed = { ...download, done: true, fault: wordsOf(error) };
      this.#conclude(templateId, failed, "downloadFailed", {});
    } finally {
      await rm(file, { force: true });
    }
  }

  /** A template by direct download was ready before. */
  #conclude(
    id: string,
    download: TemplateDownload,
    event: "downloaded" | "downloadFailed",
    changes: Partial<Template>,
  ): void {
    const { store } = this.#cloud;
    store.transaction(() => {
      const template = store.get("templates", id);
      if (!template) return;
      if (template.state === "Downloading") this.#cloud.moveTemplate(id, event, { ...changes, download });
      else store.put("templates", { ...template, ...changes, download });
    });
  }

  async #fetch({ url, checksum }: TemplateDownload, file: string, running: Running): Promise<void> {
    const response = await fetch(url, { signal: this.#stopping.signal, redirect: "follow" });
    if (!response.ok || !response.body) throw new Error(`${url} answers HTTP ${response.status}`);
    const length = Number(response.headers.get("content-length") ?? 0);
    const hash = checksum === undefined ? undefined : createHash(checksum.algorithm);
    let received = 0;
    const count = new Transform({
      transform(piece: Buffer, _, next) {
        received += piece.length;
        if (length > 0) running.percent = Math.min(100, Math.floor((100 * received) / length));
        hash?.update(piece);
        next(undefined, piece);
      },
    });
    const unpacked = new URL(url).pathname.endsWith(".gz") ? [createGunzip()] : [];
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    const target = createWriteStream(file, { mode: 0o600 });
    await pipeline([body, count, ...unpacked, target], { signal: this.#stopping.signal });
    refuseOther(hash, checksum?.value);
  }
}

function refuseOther(hash: Hash | undefined, wanted: string | undefined): void {
  const found = hash?.digest("hex");
  if (found === wanted) return;
  throw new Error(`corrupted checksum: expected ${wanted}, calculated ${found}`);
}
