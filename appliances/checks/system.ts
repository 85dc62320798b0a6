/** The operating system beneath every appliance. */
import { always, asDelivered, check, noPaths, packageInstalled, sealed } from "./make.ts";
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
    check({
      id: "system/one-network-configuration",
      title: "One network configuration, read by root alone",
      why: "what another file says of an interface counts beside the setup wizard's, or against it",
      fix: "keep /etc/netplan/01-netcfg.yaml, with mode 0600, and remove the others that are named",
      // The seal takes away what the base template says; later an operator may have reasons for a second one.
      phases: sealed,
      probe: { kind: "script", script: "assets/common/checks/network-configuration.sh" },
      expect: { netplan: { sameSet: ["01-netcfg.yaml 600 0"] }, others: { empty: true } },
      plant: "printf 'network: {version: 2}\\n' > /etc/netplan/50-cloud-init.yaml",
    }),
    check({
      id: "system/free-space",
      title: "No file system is full",
      why: "on a full disk the database stops, and everything that fails after it hides the cause",
      fix: "find what fills it: du -xh / | sort -h | tail; journalctl --vacuum-size=200M and apt-get clean give some back",
      probe: { kind: "script", script: "assets/common/checks/free-space.sh" },
      expect: { full: { empty: true } },
      plant: "mount -t tmpfs -o size=1M tmpfs /var/backups",
    }),
    ...packages.map(packageInstalled),
  ];
}
