/** Who can get in, and what lies open. */
import { check } from "./make.ts";
import type { Check } from "./types.ts";

/** @param ports every TCP port that may be open to the network */
export function securityChecks(ports: readonly number[]): readonly Check[] {
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
      expect: { ports: { sameSet: ports } },
      plant: "systemd-run --unit=planted-listener python3 -m http.server 8999",
    }),
    check({
      id: "security/leaked-secrets",
      title: "No secret lies open",
      why: "command lines, units and logs are read by every user and every support bundle",
      fix: "hand the secret over in an environment file of mode 0600",
      probe: { kind: "script", script: "assets/common/checks/leaked-secrets.sh" },
      expect: { places: { empty: true } },
      plant: "sed -n 's/^DATABASE_PASSWORD=//p' /etc/ossea/database.env > /var/log/planted.log",
    }),
  ];
}
