/**
 * Whether machines with a kernel of their own run on the processor or are translated (TCG). That /dev/kvm is there says
 * little: inside another hypervisor it may be one that no kernel starts on. So a kernel is started on it, once for each
 * boot of the host, and the answer is kept.
 */
import { spawn } from "node:child_process";
import { constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";

export type Accelerator = "kvm" | "tcg";

export const kvmDevice = "/dev/kvm";

/** Until its first word: an accelerated kernel says that within a fraction of a second. */
const firstWordSeconds = 5;
/** Until its last one, for want of a root disk. */
const lastWordSeconds = 20;

export class Acceleration {
  readonly #file: string;
  /** Where a kernel is kept to be tried. */
  readonly kernel: string;
  #answer: Promise<Accelerator> | undefined;

  constructor(folder: string) {
    this.#file = join(folder, "accelerator.json");
    this.kernel = join(folder, "vmlinuz");
  }

  /** Whether a kernel is wanted in `kernel` before it can be told. */
  wantsKernel(): boolean {
    return existsSync(kvmDevice) && this.#known() === undefined && !existsSync(this.kernel);
  }

  choose(): Promise<Accelerator> {
    this.#answer ??= this.#find();
    return this.#answer;
  }

  async #find(): Promise<Accelerator> {
    const known = this.#known();
    if (known) return known;
    const usable = await access(kvmDevice, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    const accelerator = usable && existsSync(this.kernel) && (await startsOnKvm(this.kernel)) ? "kvm" : "tcg";
    writeFileSync(this.#file, JSON.stringify({ boot: bootOfHost(), accelerator }));
    return accelerator;
  }

  #known(): Accelerator | undefined {
    if (!existsSync(this.#file)) return undefined;
    const { boot, accelerator } = JSON.parse(readFileSync(this.#file, "utf8")) as {
      boot: string;
      accelerator: Accelerator;
    };
    return boot === bootOfHost() ? accelerator : undefined;
  }
}

function bootOfHost(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** It boots until it finds no root disk, and that is as far as it has to come. */
function startsOnKvm(kernel: string): Promise<boolean> {
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...["-nodefaults", "-no-user-config", "-machine", "pc", "-accel", "kvm", "-cpu", "host", "-m", "256"],
      ...["-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel],
      ...["-append", "console=ttyS0 earlyprintk=serial panic=-1"],
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  return new Promise((resolve) => {
    let said = "";
    const give = (seconds: number) => setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    let limit = give(firstWordSeconds);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (said === "") {
        clearTimeout(limit);
        limit = give(lastWordSeconds);
      }
      said += text;
    });
    child.on("error", () => resolve(false));
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve(code === 0 && said.includes("Unable to mount root fs"));
    });
  });
}
