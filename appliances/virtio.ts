/**
 * What puts VirtIO drivers into Windows machines that fail over from VMware. Neither Ubuntu nor Debian has virtio-win;
 * the image, the script and the two programs come with the manifest.
 */
import { check, packageInstalled } from "./checks/make.ts";
import type { ArtifactGroup, GroupMember } from "./types.ts";

const program = { kind: "a Windows program", signature: { offset: 0, text: "MZ" }, atLeastBytes: 1024 };

const members: readonly GroupMember[] = [
  {
    name: "virtio-win",
    target: "/usr/share/virtio-win/virtio-win.iso",
    // The first volume descriptor stands in sector 16 of 2048 bytes; the drivers take hundreds of megabytes.
    content: {
      kind: "an ISO 9660 image",
      signature: { offset: 32769, text: "CD001" },
      atLeastBytes: 100 * 1024 ** 2,
    },
  },
  {
    name: "inject-virtio-drivers",
    target: "/opt/migratekit/bin/inject-virtio-drivers.sh",
    content: { kind: "a script", signature: { offset: 0, text: "#!" }, atLeastBytes: 16 },
  },
  { name: "rhsrvany", target: "/usr/share/virt-tools/rhsrvany.exe", content: program },
  { name: "pnp-wait", target: "/usr/share/virt-tools/pnp_wait.exe", content: program },
];
const packages = ["libguestfs-tools", "qemu-utils", "virt-v2v"];

export const virtioTools: ArtifactGroup = {
  title: "VirtIO tools",
  why: "a Windows machine that fails over without VirtIO drivers finds neither its disk nor its network",
  members,
  packages,
  directories: [],
  files: [
    {
      from: "assets/oma/virtio/oma-api-virtio.conf",
      to: "/etc/systemd/system/oma-api.service.d/virtio.conf",
      mode: "0644",
      owner: "root:root",
    },
  ],
  checks: [
    ...members.map(({ name, target, content }) =>
      check({
        id: `virtio/${name}`,
        title: target,
        why: "virt-v2v and the failover look for it there, and a Windows machine does not boot without it",
        fix: `look at the log of the step that installs ${name}, and at its entry in the manifest`,
        probe: { kind: "file", path: target },
        expect: { type: { equals: "file" }, size: { atLeast: content.atLeastBytes } },
        plant: `: > ${target}`,
      }),
    ),
    ...packages.map(packageInstalled),
  ],
};
