/** The root file system fills the disk that the machine was given: it grew at the first boot. */
import { check } from "./make.ts";
import type { Check } from "./types.ts";

/** What the file system's own tables and a boot partition may take. */
const share = 0.94;

/** @param gib size of the machine's root disk */
export function rootDiskCheck(gib: number): Check {
  return check({
    id: "boot/root-disk",
    title: "The root file system has grown to the disk",
    why: "replicated disks and logs fill what the template had, while the disk that was paid for lies idle",
    fix: "journalctl -b -u 'ossea-first-boot*'; on the machine: growpart and resize2fs",
    phases: ["clone", "reboot"],
    probe: { kind: "script", script: "assets/common/checks/root-size.sh" },
    expect: { gib: { atLeast: Math.round(gib * share * 10) / 10 } },
    // A file system cannot be made smaller while it is mounted, so the command says so.
    plant: "printf '#!/bin/sh\\necho 1048576\\n' > /usr/local/sbin/df; chmod 0755 /usr/local/sbin/df",
  });
}
