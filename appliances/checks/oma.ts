/** Every check of the OMA. */
import { databaseObjectChecks } from "../database-objects.ts";
import { omaDatabaseObjects } from "../oma-database.ts";
import { baseChecks } from "./base.ts";
import { databaseIdentity } from "./identity.ts";
import {
  always,
  asDelivered,
  check,
  httpHealthy,
  secretFile,
  sqlAnswers,
  unitRuns,
  unitSteady,
} from "./make.ts";
import { backupChecks } from "./operator.ts";
import { leakedSecrets } from "./security.ts";
import { tunnelChecks } from "./tunnel.ts";
import type { Check } from "./types.ts";

const operator = "oma_admin";
const database = "migratekit_oma";
const apiSecrets = "/etc/migratekit/oma-api.env";
const daemonSecrets = "/etc/migratekit/volume-daemon.env";

export function omaChecks(
  packages: readonly string[],
  ports: readonly number[],
  exposures: Readonly<Record<string, number>>,
  wizard: string,
): readonly Check[] {
  return [
    ...baseChecks({
      packages,
      operator,
      ports,
      // The volume daemon listens on all interfaces, and has no switch for it.
      shielded: [8090],
      exposures,
      hardened: "oma-api",
      console: "oma-autologin",
      wizard,
    }),
    ...backupChecks,
    ...unitChecks,
    ...serviceChecks,
    ...databaseChecks,
    ...instanceChecks,
    ...secretChecks,
    ...guiChecks,
    leakedSecrets,
    ...tunnelChecks,
    databaseIdentity("oma_user@localhost"),
  ];
}

const unitChecks: readonly Check[] = [
  unitRuns("mariadb", "mysql"),
  unitRuns("volume-daemon", "root"),
  unitRuns("nbd-server", "root"),
  unitRuns("oma-api", operator),
  unitRuns("migration-gui", operator),
  ...["mariadb", "volume-daemon", "nbd-server", "oma-api", "migration-gui"].map(unitSteady),
  check({
    id: "unit/migration-gui-alone",
    title: "The GUI outlives the API",
    why: "whoever restarts the API would lose the GUI that tells about it",
    fix: "Wants= in place of Requires= in migration-gui.service",
    probe: { kind: "unit", unit: "migration-gui.service" },
    expect: { requires: { lacks: "oma-api.service" } },
    plant:
      "mkdir -p /etc/systemd/system/migration-gui.service.d; printf '[Unit]\\nRequires=oma-api.service\\n' > /etc/systemd/system/migration-gui.service.d/planted.conf; systemctl daemon-reload",
  }),
];

const serviceChecks: readonly Check[] = [
  httpHealthy(
    "service/oma-api-health",
    "OMA API answers",
    8082,
    "/health",
    {
      "json.service": { equals: "OMA API" },
      "json.status": { equals: "healthy" },
      "json.database": { equals: "connected" },
    },
    "oma-api",
  ),
  httpHealthy(
    "service/volume-daemon-health",
    "Volume daemon answers",
    8090,
    "/api/v1/health",
    { "json.status": { equals: "healthy" } },
    "volume-daemon",
  ),
  httpHealthy(
    "service/gui-page",
    "GUI shows its page",
    3001,
    "/",
    { body: { matches: "<html" } },
    "migration-gui",
  ),
  check({
    id: "service/nbd-listens",
    group: "sockets",
    title: "NBD server listens on loopback",
    why: "an nbd-server without exports is active to systemd and listens to nobody; beyond loopback, disks lie open",
    fix: "nbd-server -C /etc/nbd-server/config; journalctl -u nbd-server",
    probe: { kind: "listen", port: 10809 },
    expect: { addresses: { sameSet: ["127.0.0.1"] } },
    plant: "systemctl stop nbd-server",
  }),
  check({
    id: "file/nbd-exports",
    title: "The folder of exports belongs to the volume daemon",
    phases: always,
    why: "an export that the volume daemon cannot write is one that no VMA finds",
    fix: "chown root:root /etc/nbd-server/conf.d; chmod 0755 /etc/nbd-server/conf.d",
    probe: { kind: "file", path: "/etc/nbd-server/conf.d" },
    expect: { type: { equals: "directory" }, owner: { equals: "root" }, mode: { equals: "0755" } },
    plant: "chown nobody /etc/nbd-server/conf.d",
  }),
  check({
    id: "service/nbd-process-id",
    title: "The NBD server says which process it is",
    group: "files",
    why: "the volume daemon tells it of new exports by a signal, which without this goes nowhere",
    fix: "systemctl restart nbd-server; look at PIDFile in its unit",
    probe: { kind: "file", path: "/run/nbd-server.pid", text: true },
    expect: { text: { matches: "^\\s*[1-9][0-9]*\\s*$" } },
    plant: ": > /run/nbd-server.pid",
  }),
  check({
    id: "service/nbd-greeting",
    group: "sockets",
    title: "NBD server speaks NBD",
    why: "a port that is open may belong to another program",
    fix: "nbd-client -l 127.0.0.1; journalctl -u nbd-server",
    probe: { kind: "script", script: "assets/common/checks/nbd-greeting.sh" },
    expect: { greeting: { equals: "NBDMAGICIHAVEOPT" } },
    plant: "systemctl stop nbd-server",
  }),
  check({
    id: "service/nbd-data",
    title: "NBD server serves data",
    why: "a server whose threads are kept from their work by its sandbox greets every client, and then says nothing more",
    fix: "journalctl -u nbd-server; systemd-analyze security nbd-server; does a drop-in shut what the server needs?",
    probe: { kind: "script", script: "assets/oma/checks/nbd-data.sh" },
    expect: { bytes: { equals: 512 } },
    plant:
      "mkdir /etc/systemd/system/nbd-server.service.d; printf '[Service]\\nSystemCallFilter=~sched_setattr\\n' > /etc/systemd/system/nbd-server.service.d/planted.conf; systemctl daemon-reload; systemctl restart nbd-server",
  }),
  check({
    id: "service/nbd-reload",
    title: "The volume daemon can add exports",
    why: "an export that the server was not told of is refused to the VMA, and no disk is replicated",
    fix: "cat /run/nbd-server.pid; systemctl show -p MainPID nbd-server; systemctl cat volume-daemon | grep ReadWritePaths",
    probe: { kind: "script", script: "assets/oma/checks/nbd-reload.sh" },
    expect: { signalled: { equals: "nbd-server" }, writable: { equals: true } },
    plant: "rm /run/nbd-server.pid",
  }),
  check({
    id: "service/mariadb-listens",
    group: "sockets",
    title: "Database listens on loopback alone",
    why: "the database is the appliance's own; nothing beyond the machine may reach it",
    fix: "look at bind-address in /etc/mysql/mariadb.conf.d/60-ossea.cnf",
    probe: { kind: "listen", port: 3306 },
    expect: { addresses: { sameSet: ["127.0.0.1"] } },
    plant:
      "printf '[mariadbd]\\nbind-address=0.0.0.0\\n' > /etc/mysql/mariadb.conf.d/99-planted.cnf; systemctl restart mariadb",
  }),
];

const databaseChecks: readonly Check[] = [
  ...databaseObjectChecks(database, omaDatabaseObjects),
  sqlAnswers({
    id: "database/views",
    title: "Every view can be read",
    why: "a view whose definer is gone exists and cannot be used",
    fix: "the definer of each view must be oma_user@localhost",
    database,
    query: `SELECT ${omaDatabaseObjects.views.map((view) => `(SELECT COUNT(*) FROM ${view})`).join(" + ")} AS row_count`,
    expect: { row_count: { atLeast: 0 } },
    plant: `mariadb ${database} -e 'RENAME TABLE schedule_executions TO planted'`,
  }),
  sqlAnswers({
    id: "database/character-set",
    title: "Character set and collation",
    why: "tables of two collations cannot be bound by a foreign key",
    fix: `ALTER DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
    database: "information_schema",
    query: `SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM schemata WHERE schema_name = '${database}'`,
    expect: { charset: { equals: "utf8mb4" }, collation: { equals: "utf8mb4_general_ci" } },
    plant: `mariadb -e 'ALTER DATABASE ${database} COLLATE utf8mb4_unicode_ci'`,
  }),
  sqlAnswers({
    id: "database/version",
    title: "MariaDB 10.11",
    why: "the schema uses what other versions read in another way",
    fix: "take a base template whose archive has MariaDB 10.11",
    database: "information_schema",
    query: "SELECT VERSION() AS version",
    expect: { version: { matches: "^10\\.11\\." } },
    plant:
      "printf '[mariadbd]\\nversion=10.3.1-planted\\n' > /etc/mysql/mariadb.conf.d/99-planted.cnf; systemctl restart mariadb",
  }),
  sqlAnswers({
    id: "database/templates-inactive",
    title: "Configuration templates are inactive",
    why: "an active row with placeholder values makes the appliance talk to a cloud that does not exist",
    fix: "UPDATE ossea_configs, vmware_credentials SET is_active = 0 of the template rows",
    phases: asDelivered,
    database,
    query:
      "SELECT (SELECT COUNT(*) FROM ossea_configs) AS configs, (SELECT COUNT(*) FROM vmware_credentials) AS credentials, (SELECT COUNT(*) FROM ossea_configs WHERE is_active) + (SELECT COUNT(*) FROM vmware_credentials WHERE is_active) AS active",
    expect: { configs: { atLeast: 1 }, credentials: { atLeast: 1 }, active: { equals: 0 } },
    plant: `mariadb ${database} -e 'UPDATE ossea_configs SET is_active = 1'`,
  }),
  sqlAnswers({
    id: "database/templates-complete",
    title: "Configuration templates are complete",
    why: "a template row without its network or disk offering becomes a configuration that can start no machine",
    fix: "give every column of the template row a value in assets/oma/database/seed.sql",
    phases: asDelivered,
    database,
    query:
      "SELECT COUNT(*) AS incomplete FROM ossea_configs WHERE COALESCE(zone, '') = '' OR COALESCE(template_id, '') = '' OR COALESCE(network_id, '') = '' OR COALESCE(service_offering_id, '') = '' OR COALESCE(disk_offering_id, '') = ''",
    expect: { incomplete: { equals: 0 } },
    plant: `mariadb ${database} -e 'UPDATE ossea_configs SET network_id = NULL'`,
  }),
  sqlAnswers({
    id: "database/first-configuration",
    title: "The first configuration has id 1",
    why: "the services take configuration 1 by default; counters of another machine's dump make the first one 2",
    fix: "take AUTO_INCREMENT out of the schema, then build again",
    phases: asDelivered,
    database,
    query: "SELECT MIN(id) AS first FROM ossea_configs",
    expect: { first: { equals: 1 } },
    plant: `mariadb ${database} -e 'UPDATE ossea_configs SET id = id + 1'`,
  }),
  sqlAnswers({
    id: "database/export-names",
    title: "No two exports share a name",
    why: "two disks behind one name are written over each other",
    fix: "ALTER TABLE nbd_exports ADD UNIQUE (export_name)",
    database: "information_schema",
    query: `SELECT COUNT(*) AS keys_of_name FROM statistics WHERE table_schema = '${database}' AND table_name = 'nbd_exports' AND column_name = 'export_name' AND non_unique = 0`,
    expect: { keys_of_name: { atLeast: 1 } },
    plant: `key=$(mariadb --skip-column-names --batch -e "SELECT index_name FROM information_schema.statistics WHERE table_schema = '${database}' AND table_name = 'nbd_exports' AND column_name = 'export_name' AND non_unique = 0"); mariadb ${database} -e "ALTER TABLE nbd_exports DROP INDEX $key"`,
  }),
  sqlAnswers({
    id: "database/accounts",
    title: "Database accounts log in from the machine alone",
    why: "an account for any host, or one without a name, is a way in from the network",
    fix: "DROP USER of every account whose host is not localhost, and of the one without a name",
    database: "mysql",
    query: "SELECT COUNT(*) AS foreign_accounts FROM global_priv WHERE host <> 'localhost' OR user = ''",
    expect: { foreign_accounts: { equals: 0 } },
    plant: "mariadb -e \"CREATE USER planted@'%'\"",
  }),
];

const instanceChecks: readonly Check[] = [
  sqlAnswers({
    id: "identity/instance-id",
    title: "The database names this instance",
    why: "the appliance attaches volumes to the instance that it names: the template's would be another machine",
    fix: "cat /var/log/ossea-first-boot.log; rm /var/lib/ossea/first-boot/70-instance-id, touch /etc/ossea/sealed, reboot",
    phases: ["clone", "reboot"],
    database,
    query: `SELECT COUNT(*) > 0 AS configured, SUM(oma_vm_id IS NULL OR oma_vm_id NOT REGEXP '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') AS others FROM ossea_configs`,
    expect: { configured: { equals: 1 }, others: { equals: 0 } },
    plant: `mariadb ${database} -e "UPDATE ossea_configs SET oma_vm_id = 'configure-via-gui'"`,
  }),
];

const secretChecks: readonly Check[] = [
  secretFile(apiSecrets),
  secretFile(daemonSecrets),
  secretFile("/etc/ossea/database.env"),
  check({
    id: "security/credential-key",
    title: "Credential encryption key",
    why: "without 32 bytes the stored credentials of vCenter and CloudStack are kept in clear",
    fix: `a new first boot writes it: ${apiSecrets}`,
    probe: { kind: "environment-file", path: apiSecrets, variable: "MIGRATEKIT_CRED_ENCRYPTION_KEY" },
    expect: { defined: { equals: true }, base64Bytes: { equals: 32 } },
    plant: `sed -i 's/^MIGRATEKIT_CRED_ENCRYPTION_KEY=.*/MIGRATEKIT_CRED_ENCRYPTION_KEY=c2hvcnQ=/' ${apiSecrets}`,
  }),
  check({
    id: "security/volume-daemon-access",
    title: "Database access of the volume daemon",
    why: "without DATABASE_DSN the daemon takes the password that is compiled in, and is refused",
    fix: `look at ${daemonSecrets}`,
    probe: { kind: "environment-file", path: daemonSecrets, variable: "DATABASE_DSN" },
    // The text around the password has 80 characters, a password 32 or more.
    expect: { defined: { equals: true }, length: { atLeast: 112 } },
    plant: `: > ${daemonSecrets}`,
  }),
];

const guiChecks: readonly Check[] = [
  check({
    id: "gui/build",
    title: "The GUI is built",
    why: "next start without a build ends at once",
    fix: "run next build before the GUI is packed; .next belongs into the artifact",
    phases: always,
    probe: { kind: "file", path: "/opt/migratekit/gui/.next/BUILD_ID" },
    expect: { type: { equals: "file" }, size: { atLeast: 1 } },
    plant: "rm /opt/migratekit/gui/.next/BUILD_ID",
  }),
  check({
    id: "gui/next",
    title: "The GUI's own Next.js",
    why: "npx without it tries to download one at every start; a copied link breaks its requires",
    fix: "look at the log of the step that installs migration-gui: npm ci makes this link",
    phases: always,
    probe: { kind: "file", path: "/opt/migratekit/gui/node_modules/.bin/next" },
    expect: { type: { equals: "link" } },
    plant: "rm /opt/migratekit/gui/node_modules/.bin/next",
  }),
];
