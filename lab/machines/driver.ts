/**
 * What the lab's API asks of the thing that runs machines. The API owns the cloud's state; a driver owns disks and
 * processes, keeps everything under the lab's own folder, and can be asked again after the lab was killed: every
 * method is idempotent, and what a driver finds on disk and in the process table is the truth.
 */

/** Disk layers are named: the base image's, and one for each captured template. They are immutable once made. */
export type LayerId = string;

export interface NicSpec {
  /** Guest network this NIC is plugged into; see lab/network/network.ts. */
  networkId: string;
  mac: string;
  ipAddress: string;
  netmask: string;
  gateway: string;
}

/** What can run a machine. */
export const hypervisors = ["nspawn", "qemu"] as const;
export type Hypervisor = (typeof hypervisors)[number];

export interface MachineSpec {
  /** The instance's UUID. */
  id: string;
  /** What runs it; without a word what the lab takes for all. */
  hypervisor?: Hypervisor | undefined;
  /** Host name of the guest, unique in its network domain. */
  name: string;
  /** Lower layers, base first. */
  layers: readonly LayerId[];
  cpu: number;
  memoryMiB: number;
  rootDiskGiB: number;
  nics: readonly NicSpec[];
}

export type MachineState = "running" | "stopped" | "missing";

export interface FrozenLayer {
  /** Bytes of the disk as the guest sees it (the root disk's size). */
  virtualSize: number;
  /** Bytes the layer takes on the lab's disk. */
  physicalSize: number;
}

export type DiskImageFormat = "qcow2" | "raw";

export interface UnpackedImage extends FrozenLayer {
  /** ID of its os-release, after which a cloud image's login is named. */
  system: string;
}

/** A disk beside the root disk. */
export interface DataDisk {
  volumeId: string;
  /** Its place: 1 is the first after the root disk. */
  deviceId: number;
}

/** Disks and processes of machines, by one way to run them. */
export interface MachineRunner {
  /** Makes the root disk. One that is there stays as it is, but for its size: a machine that does not run gets more. */
  create(spec: MachineSpec): Promise<void>;
  /**
   * Boots it; resolves when the guest's init runs, or, with a firmware and a kernel of its own, when it is switched on.
   * Rejects with the guest's last console lines when it does not.
   */
  start(spec: MachineSpec): Promise<void>;
  /** A clean shutdown; after `graceSeconds` the plug is pulled. Resolves when nothing of it runs. */
  stop(id: string, graceSeconds: number): Promise<void>;
  /** Pulls the plug. */
  kill(id: string): Promise<void>;
  /**
   * Capture: the stopped machine's own changes become the immutable layer `layer`; the machine keeps working on top
   * of it. Killed half-way it leaves either no layer or a whole one. `layers` of the machine's spec grows by one.
   */
  freeze(spec: MachineSpec, layer: LayerId): Promise<FrozenLayer>;
  /** Removes disk and console. Nothing to remove is fine. */
  remove(id: string): Promise<void>;
  /** The data disks that the machine shall have; a running one sees them when this resolves, another at its start. */
  showDataDisks?(id: string, disks: readonly DataDisk[]): Promise<void>;
  state(id: string): Promise<MachineState>;
  /** Ids of every machine with a disk, for finding what the cloud's state does not know. */
  list(): Promise<string[]>;
  /**
   * Words to run on the host that make the following words a command of root inside the running machine, as an
   * administrator's way in that needs no key.
   */
  enter?(id: string): Promise<string[] | undefined>;
  /**
   * UNIX socket on which the machine's tty1 can be read and written as a terminal of 80 columns and 25 rows, by several
   * readers at once.
   */
  consoleSocket(id: string): string;
  /** The last lines that its console showed: tty1, or the serial port of a machine whose tty1 is a picture. */
  consoleTail(id: string, lines: number): Promise<string>;
  /** A running machine's screen as a PNG picture, where it has a screen. */
  screen?(id: string): Promise<Buffer | undefined>;
}

export interface MachineDriver extends MachineRunner {
  readonly name: "none" | Hypervisor;
  /** Removes a layer that no machine uses. */
  removeLayer(layer: LayerId): Promise<void>;
  /** A disk image in a file becomes the layer. Rejects with the reason when no machine can be made of it. */
  unpack(image: string, format: DiskImageFormat, layer: LayerId): Promise<UnpackedImage>;
  /**
   * Writes layers, base first, as a disk of `size` bytes into a new file: qcow2 with a partition table. It starts by
   * itself where the layers hold kernel and boot loader.
   */
  pack(layers: readonly LayerId[], size: number, path: string): Promise<void>;
  /**
   * Makes a data disk that holds what the layers hold, as `pack` does, or nothing where there are none. One that is
   * there keeps what it holds, and gets larger.
   */
  makeDataDisk?(volumeId: string, layers: readonly LayerId[], size: number): Promise<void>;
  removeDataDisk?(volumeId: string): Promise<void>;
}
