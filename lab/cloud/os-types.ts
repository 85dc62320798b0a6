/** Guest OS types, in CloudStack's own spelling. Clients look them up by description, so every letter counts. */
export const osTypes: Readonly<Record<string, readonly string[]>> = {
  AlmaLinux: ["AlmaLinux 8", "AlmaLinux 9"],
  CentOS: ["CentOS 5.6 (64-bit)", "CentOS 7", "CentOS 8", "CentOS Stream 9"],
  Debian: [
    "Debian GNU/Linux 5.0 (64-bit)",
    "Debian GNU/Linux 10 (64-bit)",
    "Debian GNU/Linux 11 (64-bit)",
    "Debian GNU/Linux 12 (64-bit)",
    "Other Linux (64-bit)",
  ],
  "Red Hat": ["Red Hat Enterprise Linux 8", "Red Hat Enterprise Linux 9"],
  "Rocky Linux": ["Rocky Linux 8", "Rocky Linux 9"],
  SUSE: ["SUSE Linux Enterprise Server 15 (64-bit)"],
  Ubuntu: ["Ubuntu 18.04 LTS", "Ubuntu 20.04 LTS", "Ubuntu 22.04 LTS", "Ubuntu 24.04 LTS"],
  Windows: ["Windows Server 2019 (64-bit)", "Windows Server 2022 (64-bit)"],
};
