/** The parts that differ by driver: what runs machines, their networks, and the image that the first template is made of. */
import type { BaseImage } from "./cloud/world.ts";
import type { DriverName } from "./home.ts";
import { ensureBaseImage } from "./images/index.ts";
import type { MachineDriver } from "./machines/driver.ts";
import { createNoneDriver, noneBaseImage } from "./machines/none.ts";
import { createNspawnDriver } from "./machines/nspawn/index.ts";
import { createGuestNetworks } from "./network/index.ts";
import type { GuestNetworks } from "./network/network.ts";
import { createNoneNetworks } from "./network/none.ts";

export interface Machinery {
  driver: MachineDriver;
  networks: GuestNetworks;
  /** Makes the base image where there is none yet; tells how far it is. */
  baseImage(progress: (line: string) => void): Promise<BaseImage>;
}

export async function openMachinery(name: DriverName, home: string): Promise<Machinery> {
  switch (name) {
    case "none":
      return {
        driver: createNoneDriver({ home }),
        networks: createNoneNetworks(),
        baseImage: async () => noneBaseImage,
      };
    case "nspawn": {
      const driver = createNspawnDriver({ home });
      return {
        driver,
        networks: createGuestNetworks({ home }),
        async baseImage(progress) {
          const image = await ensureBaseImage({ mirror: process.env.OSSEA_LAB_UBUNTU_MIRROR, log: progress });
          driver.addBase(image.layer, image.root);
          return image;
        },
      };
    }
  }
}
