/**
 * Disk layers, which machines of every driver stand on: a folder (a base image), an ext4 image with a machine's changes
 * over the layers below, or one with a whole root, which hides what is below it.
 */
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LabProblem } from "../errors.ts";
import { host } from "../host.ts";
import type { DiskImageFormat, LayerId, UnpackedImage } from "./driver.ts";
import { inOwnMounts, programs } from "./supervised.ts";

export interface DiskWish {
  layers: readonly LayerId[];
  /** Bytes. */
  size: number;
  path: string;
  /** Where a copy of the kernel that it starts goes, if anywhere. */
  kernel?: string | undefined;
}

export class Layers {
  readonly #home: string;
  readonly #folder: string;

  constructor(home: string) {
    this.#home = home;
    this.#folder = join(home, "layers");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  path(layer: LayerId): string {
    return join(this.#folder, layer);
  }

  has(layer: LayerId): boolean {
    return existsSync(this.path(layer));
  }

  /** Makes a folder known as a layer; asked again it changes nothing. */
  addBase(layer: LayerId, root: string): void {
    if (this.has(layer)) return;
    rmSync(this.path(layer), { force: true });
    symlinkSync(root, this.path(layer));
  }

  async remove(layer: LayerId): Promise<void> {
    await rm(this.path(layer), { force: true });
  }

  /** As mounts take them: the base last, and a link to a folder as the folder. */
  stack(layers: readonly LayerId[]): string[] {
    return layers.toReversed().map((layer) => followed(this.path(layer)));
  }

  async unpack(image: string, format: DiskImageFormat, layer: LayerId): Promise<UnpackedImage> {
    const said = await this.#diskImage({ act: "unpack", image, format, target: this.path(layer) });
    const { size, system } = JSON.parse(said) as { size: number; system: string };
    return { virtualSize: size, physicalSize: await this.physicalSize(layer), system };
  }

  async pack(
    layers: readonly LayerId[],
    size: number,
    path: string,
    format: DiskImageFormat = "qcow2",
  ): Promise<void> {
    await this.#diskImage({ act: "pack", layers: this.stack(layers), size, target: path, format });
  }

  /** A disk for a machine that starts by itself. */
  async makeDisk({ layers, size, path, kernel }: DiskWish): Promise<void> {
    const kernelPath = kernel ?? null;
    await this.#diskImage({
      act: "disk",
      layers: this.stack(layers),
      size,
      target: path,
      kernel: kernelPath,
    });
  }

  async physicalSize(layer: LayerId): Promise<number> {
    const { blocks } = await stat(this.path(layer));
    return blocks * 512;
  }

  /** @throws Error with the reason as its message */
  async #diskImage(task: Readonly<Record<string, unknown>>): Promise<string> {
    const scratch = await mkdtemp(join(this.#home, "disk-image-"));
    const [program = "", ...before] = inOwnMounts;
    try {
      const input = JSON.stringify({ ...task, scratch });
      const words = [program, ...before, join(programs, "disk_image.py")];
      return await host("setpriv", ["--pdeathsig", "KILL", ...words], { input });
    } catch (error) {
      throw error instanceof LabProblem ? new Error(error.because.split("\n").at(-1)) : error;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

function followed(path: string): string {
  return statSync(path).isDirectory() ? `${path}/` : path;
}
