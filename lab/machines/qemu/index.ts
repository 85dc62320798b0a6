/**
 * Machines with hardware of their own: QEMU starts a disk image through firmware, boot loader and kernel, on KVM where
 * that works and translated (TCG) where not. The disk is a sparse raw image of the root disk's size; the guest's root is
 * its first partition. As with containers each machine has a supervisor that outlives the lab.
 */
import { existsSync, mkdirSync } from "node:fs";
import { readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { LabProblem } from "../../errors.ts";
import { host } from "../../host.ts";
import { portName, routerNames } from "../../network/names.ts";
import { namespacePath } from "../../network/plug.ts";
import type { Runner } from "../by-hypervisor.ts";
import { cgroupFolders, makeCgroups, removeCgroups } from "../cgroups.ts";
import { dataDisksFile, disksOf, tellDisks } from "../data-disks.ts";
import type { FrozenLayer, MachineSpec } from "../driver.ts";
import type { Layers } from "../layers.ts";
import {
  lastLines,
  machinePaths,
  pullPlug,
  runningOf,
  shortPath,
  supervise,
  supervisedMachines,
  whenGone,
} from "../supervised.ts";
import { Acceleration } from "./accelerator.ts";
import { plugDisks } from "./data-disks.ts";
import { tellQemu } from "./monitor.ts";

/** What QEMU itself takes beside the guest's memory. */
const emulatorMiB = 512;

/** A guest that is not listening yet when the button is pressed hears it the next time. */
const buttonSeconds = 5;

export function createQemuRunner(home: string, machines: string, layers: Layers): Runner {
  const paths = (id: string) => machinePaths(join(machines, id), "disk.raw");
  const monitor = (id: string) => join(machines, id, "monitor.sock");
  const acceleration = new Acceleration(home);

  /** A supervisor takes away what its machine had on the host; one that was killed could not. */
  async function clear(id: string): Promise<void> {
    await removeCgroups(cgroupFolders(home, id));
    await rm(paths(id).running, { force: true });
  }

  function cardsOf({ id, nics }: MachineSpec) {
    return nics.map(({ mac, networkId }, index) => {
      const { namespace, bridge } = routerNames(home, networkId);
      return { mac, namespace: namespacePath(namespace), bridge, port: portName(home, id, index) };
    });
  }

  return {
    ...supervisedMachines(paths, clear),

    async create(spec) {
      const { folder, disk } = paths(spec.id);
      const size = spec.rootDiskGiB * 1024 ** 3;
      if (existsSync(disk)) {
        // The guest makes its partition and file system fill a disk that has grown, as it does on a cloud.
        if (!runningOf(paths(spec.id)) && (await stat(disk)).size < size) await truncate(disk, size);
        return;
      }
      await needQemu(spec.name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const kernel = acceleration.wantsKernel() ? acceleration.kernel : undefined;
      await layers.makeDisk({ layers: spec.layers, size, path: disk, kernel }).catch((error: Error) => {
        throw new LabProblem(
          `machine ${spec.name} cannot be run by QEMU`,
          error.message,
          "deploy it from the template whose name has `with kernel`, or from what was captured of one",
          error,
        );
      });
    },

    async start(spec) {
      const own = paths(spec.id);
      if (!existsSync(own.disk)) throw new Error(`machine ${spec.name} has no disk`);
      if (runningOf(own)) return;
      if (spec.nics.length === 0) throw new Error(`machine ${spec.name} has no network card`);
      await clear(spec.id);
      const groups = cgroupFolders(home, spec.id);
      makeCgroups(groups, { cpu: spec.cpu, memoryMiB: spec.memoryMiB + emulatorMiB });
      await supervise("qemu.py", spec.name, own, {
        disk: own.disk,
        cpus: spec.cpu,
        memory: spec.memoryMiB,
        groups,
        cards: cardsOf(spec),
        accelerator: await acceleration.choose(),
        monitor: monitor(spec.id),
        disks: dataDisksFile(own),
      });
    },

    async stop(id, graceSeconds) {
      const own = paths(id);
      const running = runningOf(own);
      if (running) {
        const gone = whenGone(own, running, graceSeconds);
        const press = () => tellQemu(shortPath(monitor(id)), "system_powerdown").catch(() => undefined);
        const pressing = setInterval(press, buttonSeconds * 1000);
        // Nobody waits for its answer: a QEMU that gives none has its plug pulled in time all the same.
        void press();
        try {
          if (!(await gone)) await pullPlug(own, running);
        } finally {
          clearInterval(pressing);
        }
      }
      await clear(id);
    },

    /** The machine keeps its disk; the layer is a copy of its root, whole, under which nothing shows through. */
    async freeze(spec, layer): Promise<FrozenLayer> {
      const own = paths(spec.id);
      if (runningOf(own)) throw new Error(`machine ${spec.name} runs`);
      if (!layers.has(layer)) await layers.unpack(own.disk, "raw", layer);
      const { size } = await stat(own.disk);
      return { virtualSize: size, physicalSize: await layers.physicalSize(layer) };
    },

    async showDataDisks(id, given) {
      const own = paths(id);
      const disks = disksOf(home, given);
      await tellDisks(own, disks);
      if (runningOf(own)) await plugDisks(shortPath(monitor(id)), disks);
    },

    consoleTail: async (id, lines) => lastLines(paths(id).log, lines),

    async screen(id) {
      if (!runningOf(paths(id))) return undefined;
      const picture = join(paths(id).folder, "screen.png");
      await tellQemu(shortPath(monitor(id)), "screendump", { filename: picture, format: "png" });
      return readFile(picture);
    },
  };
}

async function needQemu(machine: string): Promise<void> {
  await host("qemu-system-x86_64", ["--version"]).catch((error: LabProblem) => {
    throw new LabProblem(
      `machine ${machine} cannot be run by QEMU`,
      error.because,
      "apt-get install --yes --no-install-recommends qemu-system-x86   # as root",
      error,
    );
  });
}
