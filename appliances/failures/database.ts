/** Failures of the database's schema and contents. */
import type { FieldFailure } from "./types.ts";

const importer = "providers/guest/sql/import.ts";

export const databaseFailures: readonly FieldFailure[] = [
  {
    id: "schema-not-imported",
    appliances: ["oma"],
    symptom: "The database is empty or half filled, and the build said that all was well.",
    cause:
      "The schema was given as a relative path and read from another folder; nobody looked at the exit status.",
    remedy:
      "Nothing to do by hand: the import ends at the first fault, names its line, and compares every object by name.",
    caughtBy: [
      { source: importer },
      {
        check: "database/objects",
        plant:
          "mariadb -e 'DROP DATABASE migratekit_oma; CREATE DATABASE migratekit_oma CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci'",
      },
      { packageRule: "database/statements" },
      { packageRule: "database/tables" },
    ],
  },
  {
    id: "first-configuration-has-id-two",
    appliances: ["oma"],
    symptom:
      "The first replication fails with a foreign key error: it expects configuration 1, the table has 2.",
    cause: "The dump carried the AUTO_INCREMENT counters of the machine that it was made on.",
    remedy:
      "ALTER TABLE ossea_configs AUTO_INCREMENT = 1 on the empty table; take the counters out of the dump.",
    caughtBy: [
      { check: "database/first-configuration" },
      { source: importer },
      { packageRule: "database/counters" },
    ],
  },
  {
    id: "network-id-required",
    appliances: ["oma"],
    symptom: "A failover ends with: network ID is required for VM creation.",
    cause: "The template row of the configuration has no network_id, and the form kept it empty.",
    remedy: "Fill in the network in the GUI's settings; give every column of the template rows a value.",
    caughtBy: [{ check: "database/templates-complete" }, { packageRule: "database/templates-complete" }],
  },
  {
    id: "key-not-inserted",
    appliances: ["oma"],
    symptom: "Stored credentials lie in clear, or the API says that its encryption key has not 32 bytes.",
    cause:
      "sed put the key into the unit with / as its mark; about half of all keys in base64 hold a /, sed failed, and nobody saw it.",
    remedy:
      "The first boot writes the key into an environment file; rm it and reboot only before a credential is stored.",
    caughtBy: [
      {
        check: "security/credential-key",
        plant:
          "sed -i 's/^MIGRATEKIT_CRED_ENCRYPTION_KEY=.*/MIGRATEKIT_CRED_ENCRYPTION_KEY=APPLIANCE_WILL_GENERATE_KEY/' /etc/migratekit/oma-api.env",
      },
      { packageRule: "services/key" },
      { packageRule: "services/placeholder" },
    ],
  },
];
