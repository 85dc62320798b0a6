/** The operating system beneath every appliance. */
import { always, asDelivered, check, noPaths, packageInstalled } from "./make.ts";
import type { Check } from "./types.ts";

export function systemChecks(packages: readonly string[]): readonly Check[] {
  return [
    check({
      id: "system/os",
      title: "Operating system",
      why: "the appliance is supported on Ubuntu 24.04, and tried on Debian 12",
      fix: "set baseTemplates to a template of Ubuntu 24.04",
      phases: always,
      probe: { kind: "os-release" },
      expect: { id: { oneOf: ["ubuntu", "debian"] }, versionId: { oneOf: ["24.04", "12"] } },
      plant: "sed -i 's/^VERSION_ID=.*/VERSION_ID=\"22.04\"/' /etc/os-release",
    }),
    check({
      id: "system/failed-units",
      title: "No failed unit",
      why: "a unit that fails at every boot is a fault that nobody looked at",
      fix: "systemctl --failed; journalctl -b -p err",
      probe: { kind: "failed-units" },
      expect: { failed: { empty: true } },
      plant: "systemd-run --unit=planted-failure false",
    }),
    check({
      id: "system/cloud-init",
      title: "cloud-init is gone",
      why: "it delays every boot outside its cloud and writes metadata errors on the console",
      fix: "look at the log of the step remove-cloud-init",
      phases: always,
      probe: { kind: "package", name: "cloud-init" },
      expect: { installed: { equals: false } },
      plant:
        "printf 'Package: cloud-init\\nStatus: install ok installed\\nMaintainer: x\\nArchitecture: all\\nVersion: 1\\nDescription: planted\\n\\n' >> /var/lib/dpkg/status",
    }),
    noPaths({
      id: "system/cloud-init-rests",
      title: "No rests of cloud-init",
      why: "its configuration and state describe the build machine",
      fix: "look at the log of the step remove-cloud-init",
      phases: always,
      pattern: "/*/*/cloud",
      plant: "mkdir -p /var/lib/cloud",
    }),
    check({
      id: "system/network-configuration",
      title: "The network configuration fits every clone",
      why: "a configuration bound to the build machine's MAC address leaves a clone without a network",
      fix: "look at the files that are named; the step remove-cloud-init writes the right one",
      // An operator may give the appliance a fixed address.
      phases: [...asDelivered, "sealed"],
      probe: { kind: "script", script: "assets/common/checks/network-configuration.sh" },
      expect: { files: { empty: true }, dhcp: { equals: true } },
      plant: "printf '[Match]\\nMACAddress=02:00:00:00:00:01\\n' > /etc/systemd/network/01-planted.network",
    }),
    ...packages.map(packageInstalled),
  ];
}
