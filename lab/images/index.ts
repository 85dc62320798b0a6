/**
 * The base images that the lab's first template is made of: a distribution's own packages with real cloud-init, as the
 * cloud images of that distribution have it. Made once and kept in the user's cache, by what went into them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { digestOf, host } from "../host.ts";
import { bootPackages, installBootLoader } from "./boot-loader.ts";
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
  /** With kernel and boot loader: its disk starts by itself. Containers need neither, and get a smaller one. */
  kernel?: boolean;
}

/** What is known of an image before it is made. */
export interface PlannedImage {
  layer: string;
  /** Folder of the root file system; nobody writes to it. */
  root: string;
  templateName: string;
  osType: string;
  defaultUser: string;
  virtualSizeGiB: number;
  /** Bytes; of one that is made. */
  physicalSize?: number;
}

export interface BuiltImage extends PlannedImage {
  physicalSize: number;
}

export interface ImagePlan {
  image: PlannedImage;
  /**
   * Makes it where it is not there yet.
   * @param log one line for the person who waits
   * @throws LabProblem when the packages cannot be had
   */
  make(log: (line: string) => void): Promise<BuiltImage>;
}

/** Raised when the files that are written into the image change. */
const formatVersion = 4;

export async function planBaseImage(options: BaseImageOptions = {}): Promise<ImagePlan> {
  const release = chooseRelease(options.mirror);
  const settings = await hostSettings();
  const kernel = options.kernel === true;
  const include = kernel ? [...packages, ...bootPackages(release.distribution.id)] : packages;
  const digest = digestOf(JSON.stringify({ formatVersion, packages: include, release, settings })).slice(
    0,
    16,
  );
  const { id, version } = release.distribution;
  const cacheHome =
    options.cacheHome ?? (process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache"));
  const images = join(cacheHome, "ossea-appliances", "images");
  const folder = join(images, `${id}-${version}-${kernel ? "kernel-" : ""}${digest}`);
  const image: PlannedImage = {
    layer: `base-${digest}`,
    root: join(folder, "root"),
    templateName: kernel ? release.templateName.replace(" (", " with kernel (") : release.templateName,
    osType: release.osType,
    defaultUser: id,
    virtualSizeGiB: 3,
  };
  const made = (): BuiltImage | undefined =>
    existsSync(folder) ? { ...image, physicalSize: physicalSizeOf(folder) } : undefined;
  return {
    image: made() ?? image,
    async make(log) {
      if (!existsSync(folder)) {
        mkdirSync(images, { recursive: true });
        const waiting = () => log(`another process makes the base image of ${image.templateName}: waiting`);
        await oneAtATime(folder, waiting, async () => {
          if (!existsSync(folder)) await build({ release, include, kernel, settings, image, folder, log });
        });
      }
      return { ...image, physicalSize: physicalSizeOf(folder) };
    },
  };
}

function physicalSizeOf(folder: string): number {
  const { physicalSize } = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as {
    physicalSize: number;
  };
  return physicalSize;
}

interface Build {
  release: Release;
  include: readonly string[];
  kernel: boolean;
  settings: HostSettings;
  image: PlannedImage;
  folder: string;
  log: (line: string) => void;
}

async function build({ release, include, kernel, settings, image, folder, log }: Build): Promise<void> {
  const started = performance.now();
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o755 });
  const root = join(making, "root");
  log(`making the base image of ${image.templateName} (about a minute, once)`);
  await bootstrap(release, include, settings, root, log);
  await furnish(release, settings, root);
  if (kernel) await installBootLoader(root);
  const physicalSize = Number((await host("du", ["-sb", root])).split("\t")[0]);
  writeFileSync(join(making, "image.json"), JSON.stringify({ physicalSize }));
  renameSync(making, folder);
  const seconds = Math.round((performance.now() - started) / 1000);
  log(`base image of ${image.templateName}: ${Math.round(physicalSize / 1024 ** 2)} MB in ${seconds} s`);
}
