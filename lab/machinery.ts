/** The parts that differ by driver: what runs machines, their networks, and the image that the first template is made of. */
import type { BaseImage } from "./cloud/world.ts";
import { LabProblem } from "./errors.ts";
import type { DriverName } from "./home.ts";
import type { MachineDriver } from "./machines/driver.ts";
import { createNoneDriver, noneBaseImage } from "./machines/none.ts";
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
    case "nspawn":
      throw new LabProblem(
        "there is no driver nspawn",
        "this lab has none yet",
        "npm run lab -- up --driver none",
      );
  }
}
