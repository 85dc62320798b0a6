/** A computer beyond the lab that a disk image is put into: firmware, disk, network card, and nothing of the lab's. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

export interface Hardware {
  /** Of the disk, such as "virtio-blk-pci". */
  disk: readonly string[];
  card: string;
}

/** As a customer's ESXi gives it to a virtual machine. */
export const ofVmware: Hardware = {
  disk: ["-device", "pvscsi,id=scsi0", "-device", "scsi-hd,drive=disk,bus=scsi0.0"],
  card: "vmxnet3",
};

export class Computer {
  /** Of its sshd, at 127.0.0.1. */
  readonly port: number;
  readonly #process: ChildProcess;
  /** Everything that its serial port said, and the emulator. */
  #serial = "";

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#serial += text;
      });
    }
  }

  /** Switches it on. The image itself stays as it is. */
  static async on(image: string, { disk, card }: Hardware): Promise<Computer> {
    const port = await freePort();
    const child = spawn(
      "qemu-system-x86_64",
      [
        ...["-nodefaults", "-no-user-config", "-display", "none", "-vga", "std", "-serial", "stdio"],
        ...["-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-device", "virtio-rng-pci"],
        ...["-drive", `if=none,id=disk,file=${image},format=qcow2,snapshot=on`, ...disk],
        ...["-netdev", `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
        ...["-device", `${card},netdev=net`],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    return new Computer(port, child);
  }

  /** Resolves when the words have come out of its serial port. Translated code has no time limit: hosts are busy. */
  async says(words: string): Promise<void> {
    while (!this.#serial.includes(words)) {
      if (this.#process.exitCode !== null) throw new Error(`it went off: ${this.#serial.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async off(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
