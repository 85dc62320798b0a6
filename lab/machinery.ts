/** The parts that differ by driver: what runs machines, their networks, and the images that the first templates are made of. */
import type { BaseImage } from "./cloud/world.ts";
import type { DriverName } from "./home.ts";
import { planBaseImage } from "./images/index.ts";
import { createDriver } from "./machines/by-hypervisor.ts";
import type { LayerId, MachineDriver } from "./machines/driver.ts";
import { Layers } from "./machines/layers.ts";
import { createNoneDriver, noneBaseImage } from "./machines/none.ts";
import { createNspawnRunner } from "./machines/nspawn/index.ts";
import { createQemuRunner } from "./machines/qemu/index.ts";
import { createGuestNetworks } from "./network/index.ts";
import type { GuestNetworks } from "./network/network.ts";
import { createNoneNetworks } from "./network/none.ts";

export interface Machinery {
  driver: MachineDriver;
  networks: GuestNetworks;
  /**
   * The images of the templates that come with the lab. The first one is made where there is none yet, and tells how far
   * it is; the others are made when a machine wants them.
   */
  baseImages(progress: (line: string) => void): Promise<BaseImage[]>;
  /** Makes the base image of that layer where it is still to be made. @returns undefined where there is nothing to do */
  makeBase(layer: LayerId, log: (line: string) => void): Promise<BaseImage | undefined>;
}

export async function openMachinery(name: DriverName, home: string): Promise<Machinery> {
  switch (name) {
    case "none":
      return {
        driver: createNoneDriver({ home }),
        networks: createNoneNetworks(),
        baseImages: async () => [noneBaseImage],
        makeBase: async () => undefined,
      };
    case "nspawn":
    case "qemu": {
      const layers = new Layers(home);
      const mirror = process.env.OSSEA_LAB_UBUNTU_MIRROR;
      // What has no kernel is nothing for QEMU.
      const kinds = name === "qemu" ? [true] : [false, true];
      const plans = () => Promise.all(kinds.map((kernel) => planBaseImage({ mirror, kernel })));
      const makeBase: Machinery["makeBase"] = async (layer, log) => {
        if (layers.has(layer)) return undefined;
        const plan = (await plans()).find(({ image }) => image.layer === layer);
        const image = await plan?.make(log);
        if (image) layers.addBase(image.layer, image.root);
        return image;
      };
      return {
        driver: createDriver(name, home, layers, { nspawn: createNspawnRunner, qemu: createQemuRunner }),
        networks: createGuestNetworks({ home }),
        async baseImages(progress) {
          const images = (await plans()).map(({ image }) => image);
          const [first] = images;
          const made = first && (await makeBase(first.layer, progress));
          return images.map((image) => (image === first ? (made ?? image) : image));
        },
        makeBase,
      };
    }
  }
}
