/** Who can get in, and what lies open. */
import { asDelivered, check } from "./make.ts";
import type { Check } from "./types.ts";

export interface Security {
  /** Every TCP port that is open to the network. */
  ports: readonly number[];
  /** Those that programs hold open beyond loopback, and that the firewall keeps from the network. */
  shielded: readonly number[];
  /** How exposed each unit may be at most, by systemd's scale from 0 to 10: {"oma-api": 2}. */
  exposures: Readonly<Record<string, number>>;
  /** One of these whose file is the appliance's own: faults are planted there. */
  hardened: string;
}

export function securityChecks({ ports, shielded, exposures, hardened }: Security): readonly Check[] {
  return [
    check({
      id: "security/passwords",
      title: "No password opens the machine",
      why: "a password in a template is known to everyone who has the template",
      fix: "passwd --lock USER, and find out which step set it",
      probe: { kind: "script", script: "assets/common/checks/passwords.sh" },
      expect: { users: { empty: true } },
      plant: "usermod --password '$6$planted' root",
    }),
    check({
      id: "security/sshd",
      title: "SSH lets keys in alone, and root not at all",
      why: "passwords are guessed, and root's deeds belong to nobody",
      fix: "look at /etc/ssh/sshd_config.d: the first value that sshd reads counts",
      probe: { kind: "script", script: "assets/common/checks/sshd.sh" },
      expect: {
        passwordauthentication: { equals: "no" },
        kbdinteractiveauthentication: { equals: "no" },
        permitrootlogin: { equals: "no" },
        pubkeyauthentication: { equals: "yes" },
      },
      plant: "printf 'PasswordAuthentication yes\\n' > /etc/ssh/sshd_config.d/00-planted.conf",
    }),
    check({
      id: "security/listeners",
      title: "Open ports",
      why: "a port that nobody meant to open is a way in that nobody watches",
      fix: "ss -tlnp; bind the service to 127.0.0.1, or add the port to the appliance's definition",
      probe: { kind: "script", script: "assets/common/checks/listeners.sh" },
      expect: { ports: { sameSet: ports }, shielded: { sameSet: shielded } },
      plant: "systemd-run --unit=planted-listener python3 -m http.server 8999",
    }),
    check({
      id: "security/firewall",
      title: "The firewall lets in what the appliance offers, and nothing else",
      why: "what listens on all interfaces is open to the whole network as soon as the firewall is not there",
      fix: "systemctl status nftables; nft list table inet ossea; systemctl reload nftables loads /etc/nftables.conf",
      probe: { kind: "script", script: "assets/common/checks/firewall.sh" },
      expect: {
        offered: { sameSet: ports },
        "policies.input": { equals: "drop" },
        "policies.forward": { equals: "drop" },
        asWritten: { equals: true },
      },
      plant: "nft insert rule inet ossea input tcp dport 8090 accept",
    }),
    check({
      id: "security/hardening",
      title: "How exposed the services are",
      why: "a service that is broken into gives away whatever its unit lets it reach",
      fix: "systemd-analyze security UNIT names what is open; does a drop-in take back what the unit shuts?",
      probe: { kind: "script", script: "assets/common/checks/hardening.sh" },
      expect: Object.fromEntries(
        Object.entries(exposures).map(([unit, exposure]) => [unit, { atMost: exposure }]),
      ),
      plant: `mkdir /etc/systemd/system/${hardened}.service.d; printf '[Service]\\nNoNewPrivileges=no\\nProtectSystem=no\\nPrivateDevices=no\\nSystemCallFilter=\\nCapabilityBoundingSet=~\\n' > /etc/systemd/system/${hardened}.service.d/planted.conf; systemctl daemon-reload`,
    }),
    ...openFiles,
    check({
      id: "security/unit-files",
      title: "systemd understands the unit files",
      why: "a mistyped key is only a warning: the service then runs without what the key should have done",
      fix: "systemd-analyze verify names the line",
      probe: { kind: "script", script: "assets/common/checks/unit-files.sh" },
      expect: { complaints: { empty: true } },
      // Of a unit that is no service of the appliance: it counts as much.
      plant: "printf '[Service]\\nProtectSytem=yes\\n' >> /etc/systemd/system/ossea-first-boot.service",
    }),
  ];
}

const openFile = (record: Pick<Check, "title" | "why" | "fix" | "plant">, kind: string): Check =>
  check({
    id: `security/${kind}-files`,
    phases: [...asDelivered, "sealed"],
    probe: { kind: "script", script: "assets/common/checks/open-files.sh" },
    expect: { [kind]: { empty: true } },
    ...record,
  });

const openFiles: readonly Check[] = [
  openFile(
    {
      title: "Programs with their owner's rights come from packages alone",
      why: "whoever starts such a program is its owner for as long as it runs, and nobody mends it when it has a fault",
      fix: "chmod u-s,g-s FILE, and find out which step placed it",
      plant: "install -m 4755 /bin/true /usr/local/bin/planted",
    },
    "setuid",
  ),
  openFile(
    {
      title: "Nothing can be written by everybody",
      why: "any service that is broken into could change what others run or read there",
      fix: "chmod o-w FILE, and find out which step placed it",
      plant: "install -m 0666 /dev/null /opt/planted",
    },
    "writable",
  ),
  openFile(
    {
      title: "Every file has an owner",
      why: "the next user that is made may get the number of the one who is gone, and with it the files",
      fix: "chown them, and find out whose they were: find / -xdev -nouser -o -nogroup",
      plant: "install /dev/null /opt/ownerless; chown 4242:4242 /opt/ownerless",
    },
    "unowned",
  ),
];

/** For an appliance that keeps secrets in environment files. */
export const leakedSecrets: Check = check({
  id: "security/leaked-secrets",
  title: "No secret lies open",
  why: "command lines, units and logs are read by every user and every support bundle",
  fix: "hand the secret over in an environment file of mode 0600",
  probe: { kind: "script", script: "assets/common/checks/leaked-secrets.sh" },
  expect: { places: { empty: true } },
  plant: "sed -n 's/^DATABASE_PASSWORD=//p' /etc/ossea/database.env > /var/log/planted.log",
});
