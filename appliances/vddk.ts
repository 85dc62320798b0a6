/**
 * VMware's library for reading its disks (VDDK 8.0.3), and nbdkit's plugin for it. VMware's licence lets nobody ship the
 * library, so both come with the manifest; a demo library stands in when the real one is not given.
 */
import { always, check } from "./checks/make.ts";
import type { Check } from "./checks/types.ts";
import type { FileEntry, Link } from "./types.ts";

const library = "/usr/lib/vmware-vix-disklib/lib64";
/** Where builds of the plugin and of migratekit look as well. */
const libraryOfSystem = "/usr/lib/x86_64-linux-gnu/vmware-vix-disklib/lib64";
const script = "assets/vma/checks/vddk.sh";

export const vddkFiles: readonly FileEntry[] = [
  {
    from: "assets/vma/vddk/vmware-vix-disklib.conf",
    to: "/etc/ld.so.conf.d/vmware-vix-disklib.conf",
    mode: "0644",
    owner: "root:root",
  },
];

/** Newer builds of the plugin ask for .so.9, which 8.0.3 serves as well. */
export const vddkLinks: readonly Link[] = [
  ["libvixDiskLib.so", "libvixDiskLib.so"],
  ["libvixDiskLib.so.8", "libvixDiskLib.so.8"],
  ["libvixDiskLib.so.8.0.3", "libvixDiskLib.so.8.0.3"],
  ["libvixDiskLib.so.9", "libvixDiskLib.so.8.0.3"],
].map(([name, target]) => ({ path: `${libraryOfSystem}/${name}`, target: `${library}/${target}` }));

export const vddkChecks: readonly Check[] = [
  check({
    id: "vddk/library",
    title: "nbdkit loads VDDK",
    why: "without it no disk of a VMware machine can be read, and every migration ends at its start",
    fix: "nbdkit vddk --dump-plugin; give VDDK 8.0.3 and nbdkit's plugin in the manifest, then build again",
    probe: { kind: "script", script },
    expect: { reason: { equals: "" }, library: { matches: `^${library}/libvixDiskLib\\.so` } },
    plant: `rm ${library}/libvixDiskLib.so*`,
  }),
  check({
    id: "vddk/links",
    title: "Every link to VDDK leads to it",
    why: "a program that is linked with another name of the library does not start",
    fix: "the links are in appliances/vddk.ts, for 8.0.3: does the archive in the manifest hold another version?",
    probe: { kind: "script", script },
    expect: { broken: { empty: true } },
    plant: `ln -sfn libvixDiskLib.so.8.0.3 ${libraryOfSystem}/libvixDiskLib.so.9; rm ${libraryOfSystem}/libvixDiskLib.so.8.0.3`,
  }),
  check({
    id: "vddk/linker",
    title: "The linker knows VDDK",
    why: "a program finds the library by its name alone only when the linker's cache has it",
    fix: "look at /etc/ld.so.conf.d/vmware-vix-disklib.conf, then: ldconfig",
    probe: { kind: "script", script },
    expect: { known: { equals: true } },
    plant: "rm /etc/ld.so.conf.d/vmware-vix-disklib.conf; ldconfig",
  }),
  check({
    id: "vddk/plugin",
    title: "nbdkit's plugin for VDDK",
    why: "the distribution's nbdkit has none, so it comes with the manifest",
    fix: "look at the log of the step that installs nbdkit-vddk-plugin, and at its entry in the manifest",
    phases: always,
    probe: { kind: "file", path: "/usr/lib/x86_64-linux-gnu/nbdkit/plugins/nbdkit-vddk-plugin.so" },
    expect: { type: { equals: "file" }, owner: { equals: "root" }, mode: { equals: "0644" } },
    plant: "chmod 0666 /usr/lib/x86_64-linux-gnu/nbdkit/plugins/nbdkit-vddk-plugin.so",
  }),
];
