/** Failures that came with what was put into the package. */
import type { FieldFailure } from "./types.ts";

const manifest = "common/artifact-manifest.ts";
const digests = "assets/common/steps/install-artifact.sh";

export const binaryFailures: readonly FieldFailure[] = [
  {
    id: "api-crashes-at-start",
    appliances: ["oma"],
    symptom: "The OMA API ends with a nil pointer dereference each time it starts, on a new appliance alone.",
    cause:
      "oma-api v2.29.3-update-config-fix expects a database that holds a CloudStack configuration; the newest version was taken in place of one that is known to work.",
    remedy:
      "Take v2.28.0-credential-replacement-complete, and keep the bad version in knownBad of the manifest.",
    caughtBy: [
      { source: manifest },
      {
        check: "service/oma-api-health",
        plant: "printf '#!/bin/sh\\nexit 2\\n' > /opt/migratekit/bin/oma-api; systemctl restart oma-api",
      },
      { packageRule: "binaries/known-bad" },
    ],
  },
  {
    id: "two-builds-of-one-version",
    appliances: ["oma"],
    symptom: "Two appliances report the same version of the API and behave differently.",
    cause: "v2.28.0 was built twice, with two suffixes; a number alone does not say which one was packed.",
    remedy: "Pin each binary by SHA-256 in the manifest: sha256sum FILE.",
    caughtBy: [{ source: digests }, { packageRule: "binaries/version" }],
  },
  {
    id: "default-credential-without-host",
    appliances: ["oma"],
    symptom:
      "/api/v1/vmware-credentials/default answers with an empty vcenter_host, and no migration starts.",
    cause: "oma-api v2.27.0-credential-service-integration does not map that column.",
    remedy: "Take v2.28.0-credential-replacement-complete or newer.",
    caughtBy: [{ source: manifest }, { packageRule: "binaries/known-bad" }],
  },
  {
    id: "secrets-in-the-gui",
    appliances: ["oma"],
    symptom: "The GUI's JavaScript holds the address and password of a real vCenter.",
    cause: "Defaults of a developer's machine were built into the GUI, eleven files of it.",
    remedy: "Change those passwords, take the defaults out of the GUI's source, build it again.",
    caughtBy: [{ packageRule: "secrets/value" }, { packageRule: "secrets/private-key" }],
  },
  {
    id: "gui-without-a-build",
    appliances: ["oma"],
    symptom: "migration-gui ends at once: it could not find a production build in the .next directory.",
    cause: "The GUI was packed without next build, or without the hidden folder .next.",
    remedy: "Build the GUI before it is packed; .next/BUILD_ID belongs into the archive.",
    caughtBy: [{ check: "gui/build" }, { packageRule: "gui/build-id" }],
  },
  {
    id: "gui-without-next",
    appliances: ["oma"],
    symptom: "migration-gui does not start: next is not found.",
    cause: "The unit expected a Next.js that is installed for the whole machine.",
    remedy: "Start it with npx from the GUI's own folder, where npm ci puts Next.js.",
    caughtBy: [{ check: "gui/next" }, { packageRule: "gui/packages" }, { packageRule: "services/gui-start" }],
  },
  {
    id: "gui-copied-links",
    appliances: ["oma"],
    symptom: "migration-gui ends with: Cannot find module ../server/require-hook.",
    cause:
      "node_modules was copied with its links followed, so that node_modules/.bin/next became a file that looks beside itself.",
    remedy: "Never copy node_modules: pack the GUI with its package-lock.json, the build installs the rest.",
    caughtBy: [
      {
        check: "gui/next",
        plant:
          'cd /opt/migratekit/gui/node_modules/.bin; target=$(readlink -f next); rm next; cp "$target" next',
      },
      { packageRule: "gui/links" },
      { packageRule: "gui/node-modules" },
    ],
  },
  {
    id: "virtio-drivers-missing",
    appliances: ["oma"],
    symptom:
      "A Windows machine does not find its disk after the failover; the build finds no package virtio-win.",
    cause: "Ubuntu's archive has no such package.",
    remedy: "Give the VirtIO ISO as an artifact of its own; the build looks for it before it begins.",
    caughtBy: [
      { source: "inputs/artifact-groups.ts" },
      { source: "assets/common/steps/install-packages.sh" },
    ],
  },
  {
    id: "disks-mixed-up",
    appliances: ["vma"],
    symptom: "A machine with several disks arrives corrupted: all disks were written to one target.",
    cause: "A wrong build of vma-api-server was shipped.",
    remedy: "Pin the binary by SHA-256, and keep the bad one's digest in knownBad of the manifest.",
    caughtBy: [{ source: manifest }, { source: "common/artifact-files.ts" }, { source: digests }],
  },
  {
    id: "vddk-library-missing",
    appliances: ["vma"],
    symptom: "nbdkit says that libvixDiskLib.so.9 cannot be opened.",
    cause: "The links were made with relative targets in another folder than the libraries'.",
    remedy: "Links with absolute targets; nbdkit vddk --dump-plugin proves them.",
    caughtBy: [
      {
        check: "vddk/links",
        plant:
          "ln -sfn libvixDiskLib.so.8.0.3 /usr/lib/x86_64-linux-gnu/vmware-vix-disklib/lib64/libvixDiskLib.so.9; rm /usr/lib/vmware-vix-disklib/lib64/libvixDiskLib.so.8.0.3",
      },
      { source: "assets/common/steps/install-files.sh" },
    ],
  },
];
