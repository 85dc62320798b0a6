/** The OMA's end of the tunnel that each VMA keeps up. */
import { permittedListen, permittedOpen } from "../tunnel.ts";
import { always, check, unitRuns, unitSteady } from "./make.ts";
import type { Check } from "./types.ts";

const config = "/etc/ssh/sshd_config.d/90-vma-tunnel.conf";

export const tunnelChecks: readonly Check[] = [
  check({
    id: "user/vma_tunnel",
    title: "User vma_tunnel",
    phases: always,
    why: "VMAs log in as this user for their tunnel alone; with a shell or a password it would be a way in",
    fix: "look at the log of the step create-users",
    probe: { kind: "user", name: "vma_tunnel" },
    expect: {
      exists: { equals: true },
      home: { equals: "/var/lib/vma_tunnel" },
      password: { equals: "locked" },
      shell: { equals: "/usr/sbin/nologin" },
      groups: { sameSet: ["vma_tunnel"] },
    },
    plant: "usermod --shell /bin/bash vma_tunnel",
  }),
  check({
    id: "tunnel/port-443",
    title: "sshd listens on port 443",
    group: "sockets",
    why: "customers' firewalls let a VMA reach no other port",
    fix: "sshd -t; systemctl status ssh.service ssh.socket; look at 20-ports.conf and ssh.socket.d/port443.conf",
    probe: { kind: "listen", port: 443 },
    expect: { addresses: { sameSet: ["0.0.0.0", "::"] } },
    plant: "rm /etc/ssh/sshd_config.d/20-ports.conf; systemctl reload ssh.service",
  }),
  check({
    id: "tunnel/rules",
    title: "What a VMA may do over SSH",
    why: "a forward too few and no disk is replicated; one too many and a VMA reaches what is not its own",
    fix: `compare with ${config}: another file of that folder says otherwise; sshd -T -C user=vma_tunnel,lport=443,... shows it`,
    probe: { kind: "script", script: "assets/oma/checks/tunnel-rules.sh" },
    expect: {
      allowtcpforwarding: { equals: "yes" },
      permitopen: { equals: permittedOpen },
      permitlisten: { equals: permittedListen.join(" ") },
      gatewayports: { equals: "no" },
      allowstreamlocalforwarding: { equals: "no" },
      allowagentforwarding: { equals: "no" },
      x11forwarding: { equals: "no" },
      permittunnel: { equals: "no" },
      permittty: { equals: "no" },
      permituserrc: { equals: "no" },
      maxsessions: { equals: "0" },
      authenticationmethods: { equals: "publickey" },
      authorizedkeysfile: { equals: "none" },
      authorizedkeyscommand: { equals: "/usr/local/lib/ossea/enrolled-keys" },
      others: { equals: "vma_tunnel vma_enrol" },
    },
    plant:
      "printf 'Match User vma_tunnel\\n  AllowTcpForwarding remote\\n' > /etc/ssh/sshd_config.d/00-planted.conf",
  }),
  check({
    id: "tunnel/enrolments",
    title: "Enrolled VMAs",
    why: "a VMA whose file is malformed, or whose port another one has, cannot build its tunnel",
    fix: "the named files are in /etc/ossea/enrolled-vmas; enrol the VMA again, or remove its file",
    probe: { kind: "script", script: "assets/oma/checks/enrolments.sh" },
    expect: { faults: { empty: true } },
    plant: "printf 'key=none\\nport=9081\\n' > /etc/ossea/enrolled-vmas/planted",
  }),
  check({
    id: "tunnel/enrolment",
    title: "VMAs can be enrolled, and do nothing else before",
    why: "without the service no VMA gets in; with a rule too few whoever reaches port 443 gets more than its one answer",
    fix: "systemctl status ossea-enrolment; compare 91-vma-enrolment.conf with: sshd -T -C user=vma_enrol,lport=443,...",
    probe: { kind: "script", script: "assets/oma/checks/enrolment-service.sh" },
    expect: {
      reason: { equals: "" },
      "rules.forcecommand": { equals: "/usr/local/lib/ossea/enrolment/door.py" },
      "rules.disableforwarding": { equals: "yes" },
      "rules.permittty": { equals: "no" },
      "rules.maxsessions": { equals: "1" },
      "rules.authenticationmethods": { equals: "publickey" },
      "rules.authorizedkeysfile": { equals: "none" },
      "rules.pubkeyacceptedalgorithms": { equals: "ssh-ed25519" },
      "rules.exposeauthinfo": { equals: "yes" },
      "rules.deniedAtPort22": { equals: "vma_enrol" },
    },
    plant: "printf 'Match User vma_enrol\\n  MaxSessions 10\\n' > /etc/ssh/sshd_config.d/00-planted.conf",
  }),
  unitRuns("ossea-enrolment", "root"),
  unitSteady("ossea-enrolment"),
];
