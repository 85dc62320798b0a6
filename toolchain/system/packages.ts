/** The system packages that the project needs, as data: package -> the program that proves it -> what it is for. */
export interface SystemPackage {
  package: string;
  /** A program that is there when the package is. */
  proof: string;
  for: string;
  /** `qemu`: a lab whose machines QEMU runs. */
  needs: "lab" | "qemu" | "test";
  /** Only on these systems (ID of /etc/os-release); everywhere when absent. */
  on?: readonly string[];
}

export const systemPackages: readonly SystemPackage[] = [
  { package: "systemd-container", proof: "systemd-nspawn", for: "the lab's machines", needs: "lab" },
  { package: "mmdebstrap", proof: "mmdebstrap", for: "the lab's base image", needs: "lab" },
  { package: "e2fsprogs", proof: "mkfs.ext4", for: "the disks of the lab's machines", needs: "lab" },
  { package: "fdisk", proof: "sfdisk", for: "disk images that the lab exchanges", needs: "lab" },
  { package: "qemu-utils", proof: "qemu-img", for: "disk images that the lab exchanges", needs: "lab" },
  { package: "dnsmasq-base", proof: "dnsmasq", for: "DHCP and DNS of the lab's networks", needs: "lab" },
  { package: "nftables", proof: "nft", for: "the way out of the lab's networks", needs: "lab" },
  { package: "iproute2", proof: "ip", for: "the lab's networks", needs: "lab" },
  { package: "procps", proof: "ps", for: "the lab's look at its processes", needs: "lab" },
  { package: "python3", proof: "python3", for: "the lab's consoles", needs: "lab" },
  { package: "openssh-client", proof: "ssh", for: "logging in to machines", needs: "lab" },
  {
    package: "qemu-system-x86",
    proof: "qemu-system-x86_64",
    for: "machines of the lab with a kernel of their own",
    needs: "qemu",
  },
  { package: "shellcheck", proof: "shellcheck", for: "checking the scripts in assets/", needs: "test" },
  { package: "openssh-server", proof: "sshd", for: "tests against a real SSH server", needs: "test" },
  {
    package: "python3-pip",
    proof: "pip3",
    for: "other clients of CloudStack, tried at the lab",
    needs: "test",
  },
  {
    package: "mariadb-server",
    proof: "mariadbd",
    for: "tests of the SQL against a real server",
    needs: "test",
  },
  { package: "chromium", proof: "chromium", for: "tests of the GUI", needs: "test", on: ["debian"] },
];
