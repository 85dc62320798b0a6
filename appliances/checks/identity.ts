/** What each clone must make for itself at its first boot. */
import { check, noPaths, onClones } from "./make.ts";
import type { Check } from "./types.ts";

const firstBootLog = 'journalctl -b -u "ossea-first-boot*"';

/** @param operator who logs in with a key */
export function identityChecks(operator: string): readonly Check[] {
  return [
    noPaths({
      id: "identity/first-boot",
      title: "The first boot is complete",
      why: "an operation that was not done leaves the clone without a part of its identity",
      fix: firstBootLog,
      phases: onClones,
      pattern: "/etc/ossea/sealed",
      plant: "touch /etc/ossea/sealed",
    }),
    check({
      id: "identity/secrets",
      title: "Every identity is this machine's own",
      why: "a secret or key as old as the template is shared by all its clones",
      fix: "look at assets/common/seal, then build again; the named files are as old as the template",
      phases: onClones,
      probe: { kind: "script", script: "assets/common/checks/newer-than-seal.sh" },
      expect: { sealed: { equals: true }, old: { empty: true } },
      plant: "touch -d '2001-01-01' /etc/ssh/ssh_host_ecdsa_key",
    }),
    check({
      id: "identity/host-keys",
      title: "SSH host key",
      why: "without one nobody logs in; one as old as the template is caught by identity/secrets",
      fix: firstBootLog,
      phases: onClones,
      probe: { kind: "file", path: "/etc/ssh/ssh_host_ed25519_key", secret: true },
      expect: { exists: { equals: true }, mode: { equals: "0600" }, owner: { equals: "root" } },
      plant: "chmod 0400 /etc/ssh/ssh_host_ed25519_key",
    }),
    check({
      id: "identity/attestation",
      title: "The host keys are signed",
      why: "without the signature the first connection would trust whatever host key it is shown",
      fix: `${firstBootLog}; does the user data hold the token?`,
      // Only who proves a clone gives it a token.
      phases: ["clone", "reboot"],
      probe: { kind: "file", path: "/etc/ossea/host-key-attestation", text: true },
      expect: { mode: { equals: "0644" }, text: { matches: "(^|\\n)ssh-ed25519 [0-9a-f]{64}\\n" } },
      plant: ": > /etc/ossea/host-key-attestation",
    }),
    check({
      id: "identity/machine-id",
      title: "Machine id",
      why: "two machines with one id ask DHCP for one lease",
      fix: "look at assets/common/seal/95-machine-id.sh, then build again",
      phases: onClones,
      probe: { kind: "file", path: "/etc/machine-id", text: true },
      expect: { text: { matches: "^[0-9a-f]{32}\\n$" } },
      plant: ": > /etc/machine-id",
    }),
    check({
      id: "identity/host-name",
      title: "Host name",
      why: "a clone that bears the build machine's name is mistaken for it",
      fix: firstBootLog,
      phases: onClones,
      probe: { kind: "file", path: "/etc/hostname", text: true },
      expect: { text: { matches: "^[A-Za-z0-9-]+\\n$" } },
      plant: "rm /etc/hostname",
    }),
    check({
      id: "identity/name-servers",
      title: "Name servers",
      why: "without one the appliance finds neither vCenter nor CloudStack by name",
      fix: "resolvectl status; cat /etc/resolv.conf",
      phases: onClones,
      probe: { kind: "script", script: "assets/common/checks/name-servers.sh" },
      expect: { servers: { not: [] } },
      plant: "systemctl mask --now systemd-resolved; rm -f /etc/resolv.conf; : > /etc/resolv.conf",
    }),
    check({
      id: "identity/random-seed",
      title: "Random seed",
      why: "clones that start from one seed may make the same keys",
      fix: "look at assets/common/seal/75-random-seed.sh, then build again",
      phases: onClones,
      probe: { kind: "script", script: "assets/common/checks/newer-than-seal.sh" },
      expect: { old: { lacks: "/var/lib/systemd/random-seed" } },
      plant:
        "install -D /dev/null /var/lib/systemd/random-seed; touch -d 2001-01-01 /var/lib/systemd/random-seed",
    }),
    check({
      id: "identity/login-keys",
      title: `SSH key of ${operator}`,
      why: "there are no passwords: without a key nobody logs in",
      fix: `${firstBootLog}; was the instance deployed with a key pair?`,
      phases: onClones,
      probe: { kind: "file", path: `/home/${operator}/.ssh/authorized_keys`, text: true },
      expect: { mode: { equals: "0600" }, owner: { equals: operator }, text: { matches: "^(ssh-|ecdsa-)" } },
      plant: `chmod 0644 /home/${operator}/.ssh/authorized_keys`,
    }),
  ];
}

/** @param account of the database: "oma_user@localhost" */
export function databaseIdentity(account: string): Check {
  return check({
    id: "identity/database-login",
    title: "Database login with the clone's own password",
    why: "the first boot gives the account a new password and writes it where the services read it; both must agree",
    fix: firstBootLog,
    probe: { kind: "script", script: "assets/common/checks/database-login.sh" },
    expect: { user: { equals: account } },
    plant: "sed -i 's/^DATABASE_PASSWORD=.*/DATABASE_PASSWORD=planted/' /etc/ossea/database.env",
  });
}
