/**
 * Instances without guests, for scale and for tests of clients: a machine is a small file that says whether it runs.
 * Like real machines these outlive a killed lab.
 */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { host } from "../host.ts";
import type { FrozenLayer, LayerId, MachineDriver, MachineState } from "./driver.ts";

interface MachineFile {
  name: string;
  layers: readonly LayerId[];
  rootDiskGiB: number;
  running: boolean;
}

/** A captured layer claims this many bytes, so that sizes in lists are not all the same. */
const layerBytes = 64 * 1024 * 1024;

export function createNoneDriver(options: { home: string }): MachineDriver {
  const machines = join(options.home, "none", "machines");
  const layers = join(options.home, "none", "layers");
  mkdirSync(machines, { recursive: true });
  mkdirSync(layers, { recursive: true });
  const machinePath = (id: string) => join(machines, id);
  const layerPath = (layer: LayerId) => join(layers, createHash("sha256").update(layer).digest("hex"));

  async function machine(id: string): Promise<MachineFile | undefined> {
    const text = await readFile(machinePath(id), "utf8").catch(undefinedWhenMissing);
    return text === undefined ? undefined : (JSON.parse(text) as MachineFile);
  }

  async function keep(path: string, content: unknown): Promise<void> {
    try {
      await writeFile(`${path}.new`, JSON.stringify(content));
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => undefined);
      throw error;
    }
    await rename(`${path}.new`, path);
  }

  async function turn(id: string, running: boolean): Promise<void> {
    const file = await machine(id);
    if (file && file.running !== running) await keep(machinePath(id), { ...file, running });
  }

  return {
    name: "none",
    async create(spec) {
      const { name, layers: under, rootDiskGiB } = spec;
      const there = await machine(spec.id);
      if (there && there.rootDiskGiB >= rootDiskGiB) return;
      await keep(machinePath(spec.id), {
        name,
        layers: under,
        rootDiskGiB,
        running: there?.running ?? false,
      });
    },
    async start(spec) {
      const file = await machine(spec.id);
      if (!file) throw new Error(`machine ${spec.name} has no disk`);
      if (!file.running) await keep(machinePath(spec.id), { ...file, running: true });
    },
    stop: (id) => turn(id, false),
    kill: (id) => turn(id, false),
    async freeze(spec, layer): Promise<FrozenLayer> {
      const file = await machine(spec.id);
      if (!file) throw new Error(`machine ${spec.name} has no disk`);
      if (file.running) throw new Error(`machine ${spec.name} runs`);
      const frozen = { virtualSize: file.rootDiskGiB * 1024 ** 3, physicalSize: layerBytes };
      await mkdir(layers, { recursive: true });
      await keep(layerPath(layer), frozen);
      if (!file.layers.includes(layer)) {
        await keep(machinePath(spec.id), { ...file, layers: [...file.layers, layer] });
      }
      return frozen;
    },
    remove: (id) => rm(machinePath(id), { force: true }),
    removeLayer: (layer) => rm(layerPath(layer), { force: true }),
    async unpack(image, format, layer) {
      const virtualSize = format === "qcow2" ? await sizeInQcow2(image) : (await stat(image)).size;
      const frozen = { virtualSize, physicalSize: (await stat(image)).size };
      await keep(layerPath(layer), frozen);
      return { ...frozen, system: noneBaseImage.defaultUser };
    },
    /** Without a guest there is nothing on the disk but the names of its layers, one a line. */
    async pack(ids, size, path) {
      const raw = `${path}.raw`;
      await writeFile(raw, `${ids.join("\n")}\n`);
      await truncate(raw, size);
      await host("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, path]);
      await rm(raw);
    },
    async state(id): Promise<MachineState> {
      const file = await machine(id);
      if (!file) return "missing";
      return file.running ? "running" : "stopped";
    },
    async list() {
      const files = await readdir(machines);
      return files.filter((file) => !file.endsWith(".new"));
    },
    consoleSocket: (id) => join(options.home, "none", `${id}.console`),
    consoleTail: async () => "",
  };
}

/** Bytes of the disk, from the image's header. */
async function sizeInQcow2(path: string): Promise<number> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(32);
    await file.read(header, 0, 32, 0);
    if (header.toString("latin1", 0, 4) !== "QFI\xfb") throw new Error("it is no qcow2 image");
    return Number(header.readBigUInt64BE(24));
  } finally {
    await file.close();
  }
}

/** A root disk for the base template of a lab without guests. */
export const noneBaseImage = {
  layer: "none-base",
  templateName: "Debian 12 (lab)",
  osType: "Debian GNU/Linux 12 (64-bit)",
  defaultUser: "debian",
  virtualSizeGiB: 2,
  physicalSize: 250 * 1024 * 1024,
};

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
