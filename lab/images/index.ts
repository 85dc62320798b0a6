/**
 * The base images that the lab's first template is made of: a distribution's own packages with real cloud-init, as the
 * cloud images of that distribution have it. Made once and kept in the user's cache, by what went into them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { digestOf, host } from "../host.ts";
import { bootstrap, packages } from "./bootstrap.ts";
import { furnish } from "./furnish.ts";
import { type HostSettings, hostSettings } from "./host-settings.ts";
import { oneAtATime } from "./lock.ts";
import { chooseRelease, type Release } from "./release.ts";

export interface BaseImageOptions {
  /** A mirror of Ubuntu; without one the host's own distribution is taken. */
  mirror?: string | undefined;
  /** By default $XDG_CACHE_HOME or ~/.cache. */
  cacheHome?: string;
  /** One line for the person who waits. */
  log: (line: string) => void;
}

export interface BuiltImage {
  layer: string;
  /** Folder of the root file system; nobody writes to it. */
  root: string;
  templateName: string;
  osType: string;
  defaultUser: string;
  virtualSizeGiB: number;
  /** Bytes. */
  physicalSize: number;
}

/** Raised when the files that are written into the image change. */
const formatVersion = 4;

/** @throws LabProblem when the packages cannot be had */
export async function ensureBaseImage(options: BaseImageOptions): Promise<BuiltImage> {
  const release = chooseRelease(options.mirror);
  const settings = await hostSettings();
  const digest = digestOf(JSON.stringify({ formatVersion, packages, release, settings })).slice(0, 16);
  const { id, version } = release.distribution;
  const cacheHome =
    options.cacheHome ?? (process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache"));
  const images = join(cacheHome, "ossea-appliances", "images");
  const folder = join(images, `${id}-${version}-${digest}`);
  if (!existsSync(folder)) {
    mkdirSync(images, { recursive: true });
    const waiting = () =>
      options.log(`another process makes the base image of ${release.templateName}: waiting`);
    await oneAtATime(folder, waiting, async () => {
      if (!existsSync(folder)) await build(release, settings, folder, options.log);
    });
  }
  const { physicalSize } = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as {
    physicalSize: number;
  };
  return {
    layer: `base-${digest}`,
    root: join(folder, "root"),
    templateName: release.templateName,
    osType: release.osType,
    defaultUser: id,
    virtualSizeGiB: 3,
    physicalSize,
  };
}

async function build(
  release: Release,
  settings: HostSettings,
  folder: string,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o755 });
  const root = join(making, "root");
  log(`making the base image of ${release.templateName} (about a minute, once)`);
  await bootstrap(release, settings, root, log);
  await furnish(release, settings, root);
  const physicalSize = Number((await host("du", ["-sb", root])).split("\t")[0]);
  writeFileSync(join(making, "image.json"), JSON.stringify({ physicalSize }));
  renameSync(making, folder);
  log(
    `base image of ${release.templateName}: ${Math.round(physicalSize / 1024 ** 2)} MB in ${Math.round((performance.now() - started) / 1000)} s`,
  );
}
