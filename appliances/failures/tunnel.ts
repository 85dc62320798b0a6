/** Failures between the two appliances. */
import { plantedEnrolments } from "../checks/vma.ts";
import type { FieldFailure } from "./types.ts";

export const tunnelFailures: readonly FieldFailure[] = [
  {
    id: "tunnel-refused",
    appliances: ["oma"],
    symptom: "The tunnel logs in, and every forward is refused: administratively prohibited.",
    cause:
      "AllowTcpForwarding no in the base configuration; with remote in its place, the way to NBD stays shut.",
    remedy: "sshd -T -C user=vma_tunnel; forwarding is allowed for that user alone, to the ports it needs.",
    caughtBy: [{ check: "tunnel/rules" }],
  },
  {
    id: "sshd-configuration-invalid",
    appliances: ["oma"],
    symptom: "SSH is gone after the tunnel was set up: bad port number, or not allowed within a Match block.",
    cause: "PermitOpen with commas, and a Match block that was appended a second time.",
    remedy: "One drop-in file, written whole; sshd -t before every reload.",
    caughtBy: [
      { source: "assets/common/steps/apply-ssh.sh" },
      {
        check: "security/sshd",
        plant:
          "printf 'Match User vma_tunnel\\n  PermitOpen 127.0.0.1:10809,127.0.0.1:8082\\n' > /etc/ssh/sshd_config.d/99-planted.conf",
      },
    ],
  },
  {
    id: "tunnel-key-not-readable",
    appliances: ["vma"],
    symptom: "The tunnel ends: the key file is not accessible.",
    cause: "The key lies in another user's home.",
    remedy: "runuser -u vma -- test -r KEY; the key belongs to the tunnel's user, mode 0600.",
    caughtBy: [{ check: "tunnel/enrolment", plant: plantedEnrolments.keyOfRoot }],
  },
  {
    id: "tunnel-to-the-wrong-oma",
    appliances: ["vma"],
    symptom: "After another OMA was configured, the tunnel still leads to the old one.",
    cause:
      "The address was written into the unit, a restart left the old ssh alive, and the wizard looked at another unit's name.",
    remedy:
      "Compare the tunnel's peer with the configuration; restart vma-ssh-tunnel, which ends every process of its own.",
    caughtBy: [{ check: "tunnel/enrolment", plant: plantedEnrolments.formerOma }],
  },
  {
    id: "enrolment-refused",
    appliances: ["oma", "vma"],
    symptom: "The enrolment of a VMA ends with 404 or connection refused.",
    cause: "The API build has no enrolment, or port 443 belongs to sshd and was asked over HTTP.",
    remedy:
      "An enrolment goes through sshd at port 443, which owns it alone: ss -tlnp 'sport = :443'; systemctl status ossea-enrolment.",
    caughtBy: [{ check: "tunnel/port-443" }, { check: "tunnel/enrolment" }],
  },
  {
    id: "slow-replication",
    appliances: ["oma", "vma"],
    symptom: "A replication moves at 0.06 MB/s.",
    cause: "The network in between throttles; the appliances had no part in it.",
    remedy: "Measure the way between the two with iperf3, before anything else is looked at.",
    caughtBy: [],
  },
];
