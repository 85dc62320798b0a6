/** Failures of units, services and the system beneath. */
import { plantedEnrolments } from "../checks/vma.ts";
import type { FieldFailure } from "./types.ts";

export const serviceFailures: readonly FieldFailure[] = [
  {
    id: "units-name-no-user",
    appliances: ["oma"],
    symptom: "Services end with status 217/USER, or cannot read their own programs.",
    cause: "The build made one user, units and folders named another.",
    remedy:
      "systemctl show -p User UNIT; one user in the appliance's definition, its units and its artifacts.",
    caughtBy: [
      {
        check: "unit/oma-api",
        plant:
          "mkdir -p /etc/systemd/system/oma-api.service.d; printf '[Service]\\nUser=ossea-migrate\\n' > /etc/systemd/system/oma-api.service.d/planted.conf; systemctl daemon-reload; systemctl restart oma-api || true",
      },
      { check: "user/oma_admin" },
      { packageRule: "services/user" },
    ],
  },
  {
    id: "slow-boot",
    appliances: ["oma"],
    symptom: "The boot takes minutes and writes errors about metadata on the console.",
    cause: "cloud-init looks for its cloud where there is none.",
    remedy: "The build removes it: apt-get purge cloud-init on a machine that still has it.",
    caughtBy: [{ check: "system/cloud-init" }, { check: "system/cloud-init-rests" }],
  },
  {
    id: "build-waits-for-sudo",
    appliances: ["oma", "vma"],
    symptom: "The build stands still and waits for a password that nobody types.",
    cause: "Each command asked sudo anew.",
    remedy: "The build user's sudo needs no password; sudo -n fails where it would ask.",
    caughtBy: [{ source: "providers/guest/machine/ask.ts" }],
  },
  {
    id: "questions-of-packages",
    appliances: ["oma", "vma"],
    symptom: "The installation of a package stands still at a question.",
    cause: "DEBIAN_FRONTEND was set for sudo, not for apt behind it.",
    remedy: "export it in the script that runs apt, as root.",
    caughtBy: [{ source: "assets/common/steps/install-packages.sh" }],
  },
  {
    id: "nbd-server-listens-to-nobody",
    appliances: ["oma"],
    symptom: "systemctl says that nbd-server is active, and nothing listens on port 10809.",
    cause: "Without an export the server ends, and the old init script counts that as a success.",
    remedy: "Keep the export dummy in /etc/nbd-server/config; ask the port, not the unit.",
    caughtBy: [
      {
        check: "service/nbd-listens",
        plant: "printf '[generic]\\n' > /etc/nbd-server/config; systemctl restart nbd-server || true",
      },
    ],
  },
  {
    id: "exports-not-seen",
    appliances: ["oma"],
    symptom: "A new export is in conf.d, and the server refuses it: access denied by server configuration.",
    cause: "The server was not told: the signal went nowhere, or the volume daemon could not write the file.",
    remedy:
      "systemctl reload nbd-server; the volume daemon runs as root, the process id is in /run/nbd-server.pid.",
    caughtBy: [
      { check: "file/nbd-exports" },
      { check: "service/nbd-process-id" },
      { check: "service/nbd-reload" },
    ],
  },
  {
    id: "two-exports-of-one-name",
    appliances: ["oma"],
    symptom: "Two disks share an export, and one is written over the other.",
    cause: "Exports were named by machine and disk number, which come twice.",
    remedy: "Name exports by volume: migration-vol-UUID. The table nbd_exports takes each name once.",
    caughtBy: [{ check: "database/export-names" }, { source: "assets/oma/database/schema.sql" }],
  },
  {
    id: "gui-ends-with-the-api",
    appliances: ["oma"],
    symptom: "The GUI is gone whenever the API is restarted.",
    cause: "Its unit said Requires=oma-api.service.",
    remedy: "Wants= in place of Requires=: the GUI tells that the API is down.",
    caughtBy: [
      { check: "unit/migration-gui-alone" },
      { source: "assets/oma/units/migration-gui.service" },
      { packageRule: "services/gui-requires-api" },
    ],
  },
  {
    id: "daemon-keeps-old-configuration",
    appliances: ["oma"],
    symptom: "After the CloudStack configuration was changed, volumes are still asked for with the old keys.",
    cause: "volume-daemon before v2.1.0 keeps the client that it made at its start.",
    remedy: "systemctl restart volume-daemon after the change.",
    caughtBy: [],
  },
  {
    id: "dead-api-in-a-good-build",
    appliances: ["oma", "vma"],
    symptom: "The build reports success, and a service of the appliance is dead.",
    cause: "Its health checks only warned, and took an error page for an answer.",
    remedy: "Every gate stops the build; status and fields of the answer count, not the process.",
    caughtBy: [{ source: "providers/guest/machine/gate.ts" }, { source: "providers/guest/checks/run.ts" }],
  },
  {
    id: "vma-api-starts-an-old-program",
    appliances: ["vma"],
    symptom: "vma-api does not start: its program is not there.",
    cause: "A drop-in overrides ExecStart with a path that is no more.",
    remedy: "systemctl cat vma-api; remove the drop-in.",
    caughtBy: [
      {
        check: "service/vma-api-health",
        plant:
          "mkdir -p /etc/systemd/system/vma-api.service.d; printf '[Service]\\nExecStart=\\nExecStart=/home/dev/vma-api-server\\n' > /etc/systemd/system/vma-api.service.d/debug.conf; systemctl daemon-reload; systemctl restart vma-api",
      },
    ],
  },
  {
    id: "vma-api-port-in-use",
    appliances: ["vma"],
    symptom: "vma-api ends: 8081, address already in use.",
    cause: "An older process was never stopped.",
    remedy: "ss -tlnp 'sport = :8081'; stop what holds it.",
    caughtBy: [
      {
        check: "unit/vma-api-steady",
        plant:
          "systemctl stop vma-api; systemd-run --unit=planted-old-api python3 -m http.server 8081; timeout 20 bash -c 'until ss -tln | grep -q :8081; do :; done'; systemctl start vma-api",
      },
    ],
  },
  {
    id: "tunnel-log-not-writable",
    appliances: ["vma"],
    symptom: "The tunnel ends: permission denied on its log.",
    cause: "The log belongs to root, the tunnel runs as another user.",
    remedy: "Log to the journal, or let LogsDirectory= make the folder for the unit's user.",
    caughtBy: [{ check: "file/var/log/vma", plant: "chown root:root /var/log/vma" }],
  },
  {
    id: "vma-configuration-not-readable",
    appliances: ["vma"],
    symptom: "The wizard or the tunnel ends with a syntax error in vma-config.conf.",
    cause: "A date with blanks was written without quotes into a file that the shell reads.",
    remedy:
      "Enrol again: nothing reads the file by a shell any more, and a line that is no setting is named.",
    caughtBy: [{ check: "tunnel/enrolment", plant: plantedEnrolments.dateWithBlanks }],
  },
];
