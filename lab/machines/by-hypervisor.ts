/** The driver of a lab with guests: each machine is run by what its instance asks for, on layers that all share. */
import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDataDisk, removeDataDisk } from "./data-disks.ts";
import type { Hypervisor, MachineDriver, MachineRunner } from "./driver.ts";
import type { Layers } from "./layers.ts";

/** Runs machines in folders of the driver's, named by their ids. */
export interface Runner extends Omit<MachineRunner, "remove" | "list"> {
  /** Whether the machine's disk is one of this runner's. */
  has(id: string): boolean;
}

export function createDriver(
  name: Hypervisor,
  home: string,
  layers: Layers,
  make: Readonly<Record<Hypervisor, (home: string, machines: string, layers: Layers) => Runner>>,
): MachineDriver {
  const machines = join(home, "machines");
  mkdirSync(machines, { recursive: true, mode: 0o700 });
  const runners = {
    nspawn: make.nspawn(home, machines, layers),
    qemu: make.qemu(home, machines, layers),
  } satisfies Record<Hypervisor, Runner>;
  /** Once it has a disk, a machine stays with whoever made that. */
  const runnerOf = (id: string, wanted: Hypervisor = name): Runner =>
    Object.values(runners).find((runner) => runner.has(id)) ?? runners[wanted];

  return {
    name,
    create: (spec) => runnerOf(spec.id, spec.hypervisor).create(spec),
    start: (spec) => runnerOf(spec.id, spec.hypervisor).start(spec),
    stop: (id, graceSeconds) => runnerOf(id).stop(id, graceSeconds),
    kill: (id) => runnerOf(id).kill(id),
    freeze: (spec, layer) => runnerOf(spec.id, spec.hypervisor).freeze(spec, layer),
    remove: (id) => rm(join(machines, id), { recursive: true, force: true }),
    state: (id) => runnerOf(id).state(id),
    list: () => readdir(machines),
    enter: async (id) => runnerOf(id).enter?.(id),
    consoleSocket: (id) => runnerOf(id).consoleSocket(id),
    consoleTail: (id, lines) => runnerOf(id).consoleTail(id, lines),
    showDataDisks: async (id, disks) => runnerOf(id).showDataDisks?.(id, disks),
    screen: async (id) => runnerOf(id).screen?.(id),
    removeLayer: (layer) => layers.remove(layer),
    unpack: (image, format, layer) => layers.unpack(image, format, layer),
    pack: (ids, size, path) => layers.pack(ids, size, path),
    makeDataDisk: (volumeId, ids, size) => makeDataDisk(home, layers, volumeId, ids, size),
    removeDataDisk: (volumeId) => removeDataDisk(home, volumeId),
  };
}
