/**
 * A boot loader for a root file system that holds a kernel: GRUB for the BIOS, in files below /boot/grub/i386-pc, which
 * whoever makes a disk of that root writes before its first partition. Nothing in it names a disk: GRUB reads the first
 * partition of the disk that the BIOS started, and gives the kernel the id of the file system that it found there. So
 * it holds for every copy of the disk, also beside disks of other machines, and no update-grub is needed.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { host } from "../host.ts";

/** By the distribution's id: for virtual machines, with the drivers of VMware's paravirtual disks and network cards. */
const kernels: Readonly<Record<string, string>> = {
  debian: "linux-image-cloud-amd64",
  ubuntu: "linux-image-virtual",
};

/** Not grub2-common: its hooks run update-grub after every upgrade, which finds no disk in a container. */
export function bootPackages(distribution: string): string[] {
  const kernel = kernels[distribution] ?? [];
  return ["cloud-guest-utils", "e2fsprogs", "fdisk", "grub-pc-bin", "initramfs-tools"].concat(kernel);
}

const modules = "biosdisk part_msdos ext2 normal configfile test probe linux gzio echo ls halt reboot".split(
  " ",
);

/** tty1 is the screen's. The system's own words at its start go to the serial port, where no program draws. */
const commandLine = "rw loglevel=4 console=tty1 console=ttyS0,115200";

const config = `set timeout=0
probe --set=root_id --fs-uuid $root
if [ -e /vmlinuz ]; then set links=/; else set links=/boot/; fi
menuentry "Linux" {
  linux \${links}vmlinuz root=UUID=$root_id ${commandLine}
  initrd \${links}initrd.img
}
`;

export async function installBootLoader(root: string): Promise<void> {
  const folder = "boot/grub/i386-pc";
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "boot/grub/grub.cfg"), config);
  copyFileSync(join(root, "usr/lib/grub/i386-pc/boot.img"), join(root, folder, "boot.img"));
  const core = `/${folder}/core.img`;
  const image = ["--format=i386-pc", `--output=${core}`, "--prefix=(,msdos1)/boot/grub"];
  rmSync(join(root, core), { force: true });
  await host("chroot", [root, "grub-mkimage", ...image, ...modules]);
}
