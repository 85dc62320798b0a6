/** The OSSEA Migration Appliance: receives replicated disks in CloudStack, and shows and steers it all. */
import {
  baseFiles,
  basePackages,
  firewallUnit,
  http,
  library,
  operatorUser,
  program,
  setting,
} from "./base.ts";
import { omaChecks } from "./checks/oma.ts";
import { commonTwins, databaseTwins } from "./checks/twins.ts";
import { databaseGate } from "./database-objects.ts";
import { exposuresOf } from "./exposures.ts";
import { omaDatabaseObjects } from "./oma-database.ts";
import { commonFirstBoot, commonSeal, databaseFirstBoot, databaseSeal } from "./operations.ts";
import { backupFiles, backupTimer } from "./operator-tools.ts";
import type { Appliance, FileEntry, Port, Unit } from "./types.ts";
import { virtioTools } from "./virtio.ts";
import { consoleUnit } from "./wizard.ts";

const root = "root:root";
const operator = "oma_admin";
const owner = `${operator}:${operator}`;

const wizard = "/opt/ossea-migrate/oma-setup-wizard.sh";
const firstBoot = [...commonFirstBoot, ...databaseFirstBoot];

const packages = [
  "kmod",
  "mariadb-server",
  "nbd-server",
  "net-tools",
  "nodejs",
  "npm",
  "python3-pymysql",
  "unzip",
  ...basePackages,
];

const ports = [
  { port: 22, title: "SSH" },
  { port: 443, title: "SSH tunnel of the VMAs" },
  { port: 3001, title: "GUI", url: "http://{host}:3001" },
  { port: 8082, title: "API", url: "http://{host}:8082/health" },
] satisfies Port[];

const units: readonly Unit[] = [
  firewallUnit,
  {
    name: "mariadb.service",
    exposureAtMost: 2,
    after: [],
    enabled: true,
    ready: databaseGate("migratekit_oma", omaDatabaseObjects),
  },
  {
    name: "volume-daemon.service",
    from: "assets/oma/units/volume-daemon.service",
    exposureAtMost: 3,
    after: ["nftables.service", "mariadb.service"],
    enabled: true,
    ready: http(8090, "/api/v1/health", { status: "healthy" }),
  },
  {
    name: "nbd-server.service",
    from: "assets/oma/units/nbd-server.service",
    exposureAtMost: 2.5,
    after: ["volume-daemon.service"],
    enabled: true,
    ready: { kind: "socket", port: 10809, address: "127.0.0.1", timeoutSeconds: 30 },
  },
  {
    name: "oma-api.service",
    from: "assets/oma/units/oma-api.service",
    exposureAtMost: 2,
    after: ["mariadb.service", "volume-daemon.service", "nbd-server.service"],
    enabled: true,
    ready: http(8082, "/health", { service: "OMA API", status: "healthy", database: "connected" }),
  },
  {
    name: "migration-gui.service",
    from: "assets/oma/units/migration-gui.service",
    exposureAtMost: 2,
    after: ["oma-api.service"],
    enabled: true,
    ready: http(3001, "/", {}, 120),
  },
  backupTimer,
  {
    name: "ossea-enrolment.service",
    from: "assets/oma/units/ossea-enrolment.service",
    exposureAtMost: 3,
    after: ["mariadb.service"],
    enabled: true,
    ready: { kind: "unit", state: "active", timeoutSeconds: 30 },
  },
  consoleUnit("oma-autologin.service", ["migration-gui.service"]),
];

const enrolmentFiles: readonly FileEntry[] = [
  setting("assets/common/enrolment/proof.py", `${library}/enrolment/proof.py`),
  ...["keys.py", "operators.py", "sessions.py", "store.py"].map((name) =>
    setting(`assets/oma/enrolment/${name}`, `${library}/enrolment/${name}`),
  ),
  ...["door.py", "service.py"].map((name) =>
    program(`assets/oma/enrolment/${name}`, `${library}/enrolment/${name}`),
  ),
  program("assets/oma/enrolment/offered-key.sh", `${library}/enrolment/offered-key`),
  program("assets/oma/enrolment/ossea-enrolment", "/usr/local/sbin/ossea-enrolment"),
];

export const oma: Appliance = {
  name: "oma",
  title: "OSSEA Migration Appliance",
  machine: { cpu: 4, memoryGiB: 8, rootDiskGiB: 100, os: ["ubuntu-24.04", "debian-12"] },
  packages,
  users: [
    operatorUser(operator),
    {
      name: "vma_tunnel",
      home: "/var/lib/vma_tunnel",
      shell: "/usr/sbin/nologin",
      groups: [],
      system: true,
      login: "none",
      sudo: false,
    },
    {
      // Whoever is not enrolled yet; sshd lets it run the enrolment's door alone, by this shell.
      name: "vma_enrol",
      home: "/var/lib/vma_enrol",
      shell: "/bin/sh",
      groups: [],
      system: true,
      login: "none",
      sudo: false,
    },
  ],
  directories: [
    { path: "/opt/migratekit", mode: "0755", owner },
    { path: "/opt/migratekit/bin", mode: "0755", owner },
    { path: "/opt/ossea-migrate", mode: "0755", owner: root },
    { path: "/etc/migratekit", mode: "0755", owner: root },
    // The volume daemon puts one file here for each exported volume.
    { path: "/etc/nbd-server/conf.d", mode: "0755", owner: root },
    { path: "/etc/ossea", mode: "0755", owner: root },
    // One file for each enrolled VMA: its key and its port.
    { path: "/etc/ossea/enrolled-vmas", mode: "0755", owner: root },
  ],
  artifacts: "assets/oma/artifacts.yaml",
  artifactGroups: [virtioTools],
  files: [
    setting("assets/oma/ssh/20-ports.conf", "/etc/ssh/sshd_config.d/20-ports.conf"),
    setting("assets/oma/ssh/90-vma-tunnel.conf", "/etc/ssh/sshd_config.d/90-vma-tunnel.conf"),
    setting("assets/oma/ssh/91-vma-enrolment.conf", "/etc/ssh/sshd_config.d/91-vma-enrolment.conf"),
    setting("assets/oma/ssh/port443.conf", "/etc/systemd/system/ssh.socket.d/port443.conf"),
    program("assets/oma/tunnel/enrolled-keys.sh", `${library}/enrolled-keys`),
    setting("assets/oma/mariadb/10-ossea.conf", "/etc/systemd/system/mariadb.service.d/10-ossea.conf"),
    setting("assets/oma/mariadb/60-ossea.cnf", "/etc/mysql/mariadb.conf.d/60-ossea.cnf"),
    setting("assets/oma/nbd/config", "/etc/nbd-server/config"),
    // The volume daemon reads the base from here; the server itself reads the other.
    setting("assets/oma/nbd/config", "/etc/nbd-server/config-base"),
    ...backupFiles,
    setting("assets/oma/database/first-boot.sql", "/etc/ossea/first-boot.sql"),
    ...enrolmentFiles,
    ...baseFiles({
      console: "assets/oma/wizard/console.json",
      wizard,
      actions: ["assets/oma/wizard/actions/vmas.py"],
      firstBoot,
    }),
  ],
  links: [],
  units,
  maskedUnits: ["getty@tty1.service"],
  database: {
    name: "migratekit_oma",
    user: "oma_user",
    characterSet: "utf8mb4",
    collation: "utf8mb4_general_ci",
    schema: "assets/oma/database/schema.sql",
    seed: "assets/oma/database/seed.sql",
    migrations: "assets/oma/database/migrations",
    objects: omaDatabaseObjects,
  },
  secretFiles: [
    {
      path: "/etc/migratekit/oma-api.env",
      owner: root,
      lines: [
        { variable: "MIGRATEKIT_CRED_ENCRYPTION_KEY", value: "{credentialKey}" },
        { variable: "OMA_DB_PASSWORD", value: "{databasePassword}" },
      ],
    },
    {
      path: "/etc/migratekit/volume-daemon.env",
      owner: root,
      lines: [
        {
          variable: "DATABASE_DSN",
          value:
            "oma_user:{databasePassword}@tcp(localhost:3306)/migratekit_oma?parseTime=true&multiStatements=true",
        },
      ],
    },
    {
      // What the connection outputs read, and what the first boot asks for the account's name.
      path: "/etc/ossea/database.env",
      owner: root,
      lines: [
        { variable: "DATABASE_HOST", value: "127.0.0.1" },
        { variable: "DATABASE_PORT", value: "3306" },
        { variable: "DATABASE_NAME", value: "migratekit_oma" },
        { variable: "DATABASE_USER", value: "oma_user" },
        { variable: "DATABASE_PASSWORD", value: "{databasePassword}" },
      ],
    },
  ],
  ports,
  sshPorts: [22, 443],
  checks: omaChecks(
    packages,
    ports.map(({ port }) => port),
    exposuresOf(units),
    wizard,
  ),
  twins: [...commonTwins, ...databaseTwins],
  wizard,
  seal: [...commonSeal, ...databaseSeal],
  firstBoot,
};
