/** Schema and initial data, as text and as a real server takes them. */

import { counterDifferences } from "../../../providers/guest/sql/objects.ts";
import { schema, seed } from "../layout.ts";
import type { Fault, Rule } from "../rule.ts";
import { isPlaceholder } from "../secrets.ts";
import { circles, type SqlText } from "../sql-text.ts";
import type { Subject } from "../subject.ts";

/** Statements of which a pattern finds something: where, and what. */
function statementsLike(
  sql: readonly SqlText[],
  pattern: RegExp,
  because: (found: RegExpExecArray) => string,
): Fault[] {
  return sql.flatMap(({ path, statements }) =>
    statements.flatMap(({ text, line }) => {
      const found = pattern.exec(text);
      const inner = found ? text.slice(0, found.index).split("\n").length - 1 : 0;
      return found ? [{ object: `${path} line ${line + inner}`, because: because(found) }] : [];
    }),
  );
}

const ofSchema = ({ sql }: Subject): SqlText[] => sql.filter(({ path }) => path === schema);

/** Differences between the named set and what the server has after everything. */
function differing(pattern: RegExp): Rule["examine"] {
  return ({ trial }) =>
    (trial?.differences ?? [])
      .filter((words) => pattern.test(words))
      .map((because) => ({ object: schema, because }));
}

/** Values of the template rows: table, row's number and column. */
function templateValues({
  trial,
}: Subject): { place: string; table: string; column: string; value: unknown }[] {
  return [...(trial?.templates ?? [])].flatMap(([table, rows]) =>
    rows.flatMap((row, index) =>
      Object.entries(row).map(([column, value]) => ({
        place: `${seed}, row ${index + 1} of ${table}`,
        table,
        column,
        value,
      })),
    ),
  );
}

const secretColumns = ["api_key", "secret_key", "password_encrypted"];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

export const databaseRules: readonly Rule[] = [
  {
    id: "database/readable",
    title: "The SQL can be read",
    severity: "error",
    why: "commands of the mysql client and open strings are no SQL, and nothing after them would run",
    fix: "mend the line; dump without routines that need DELIMITER",
    plant: "printf 'DELIMITER //\\n' >> database/schema-only.sql",
    examine: ({ sql }) =>
      sql.flatMap(({ path, statements, unreadable }) => {
        if (unreadable) return [{ object: `${path} line ${unreadable.line}`, because: unreadable.because }];
        return statements.length === 0 ? [{ object: path, because: "there is no statement in it" }] : [];
      }),
  },
  {
    id: "database/statements",
    title: "A real server takes every statement",
    severity: "error",
    why: "an import ends at the first statement that fails",
    fix: "mend the line; the server was a MariaDB with an account that owns this database alone",
    plant: "printf 'CREATE TABEL broken (id int);\\n' >> database/schema-only.sql",
    examine: ({ trial }) => [
      ...(trial?.refused ?? []).map(({ path, line, because }) => ({
        object: `${path} line ${line}`,
        because,
      })),
      ...(trial?.migrationFault
        ? [{ object: "the migrations on top of it", because: trial.migrationFault }]
        : []),
    ],
  },
  {
    id: "database/tables",
    title: "The tables and views are the named ones",
    severity: "error",
    why: "a number of tables says nothing: the right number of wrong tables is wrong",
    fix: "dump the right database; for another version of the product, put its own list beside it as database/objects.yaml",
    plant: "sed -i 's/`job_steps`/`job_stops`/g' database/schema-only.sql",
    examine: (subject) =>
      subject.trial ? differing(/^(missing|extra) (base table|view):/u)(subject) : tablesByText(subject),
  },
  {
    id: "database/foreign-keys",
    title: "The foreign keys are the named ones",
    severity: "error",
    why: "a dump without them, or with another rule on delete, leaves rows behind that the product trips over",
    fix: "dump the right database; for another version of the product, put its own list beside it as database/objects.yaml",
    plant: "sed -i 's/ON DELETE SET NULL/ON DELETE CASCADE/' database/schema-only.sql",
    examine: differing(/^(missing|extra) foreign key:/u),
  },
  {
    id: "database/dangling",
    title: "No foreign key into the void",
    severity: "error",
    why: "a dump that leaves tables out keeps the references to them, and every insert then fails",
    fix: "dump the structure of every table; leave out rows with --no-data, not tables with --ignore-table",
    plant: "sed -i 's/REFERENCES `schedule_executions`/REFERENCES `schedule_runs`/' database/schema-only.sql",
    examine: (subject) => {
      const made = new Set(subject.sql.flatMap(({ tables }) => tables.map(({ name }) => name)));
      return ofSchema(subject).flatMap(({ path, references }) =>
        references
          .filter(({ to }) => !made.has(to) && !subject.wanted.migratedTables.includes(to))
          .map(({ from, to, line }) => ({
            object: `${path} line ${line}`,
            because: `${from} refers to ${to}, which no file makes`,
          })),
      );
    },
  },
  {
    id: "database/circle",
    title: "No circle that nothing can be put into",
    severity: "error",
    why: "tables that refer to each other in a circle need one reference that may be empty, or no row is ever the first",
    fix: "let one column of the circle be NULL",
    plant:
      "printf 'CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL, FOREIGN KEY (b) REFERENCES b (id));\\nCREATE TABLE b (id int PRIMARY KEY, a int NOT NULL, FOREIGN KEY (a) REFERENCES a (id));\\n' >> database/schema-only.sql",
    examine: (subject) =>
      ofSchema(subject).flatMap(({ path, references }) =>
        circles(references.filter(({ optional }) => !optional)).map((chain) => ({
          object: path,
          because: `${chain.join(" -> ")}, and no column of it may be empty`,
        })),
      ),
  },
  {
    id: "database/order",
    title: "The file imports by itself",
    severity: "warning",
    why: "tables that refer to later ones need the check of foreign keys switched off; the build does so, a plain client does not",
    fix: "begin the file with SET FOREIGN_KEY_CHECKS = 0, as mariadb-dump does",
    plant: "sed -i '/FOREIGN_KEY_CHECKS=0/d' database/schema-only.sql",
    examine: (subject) => ofSchema(subject).flatMap(orderFaults),
  },
  {
    id: "database/definer",
    title: "Views belong to the appliance's account",
    severity: "error",
    why: "a view, trigger or routine of another definer cannot be made, or fails when it is used",
    fix: "sed -i 's/DEFINER=`[^`]*`@`[^`]*`/DEFINER=`oma_user`@`localhost`/' FILE, or dump as that account",
    plant: "sed -i 's/DEFINER=`oma_user`@`localhost`/DEFINER=`root`@`%`/' database/schema-only.sql",
    examine: ({ sql, wanted }) =>
      sql.flatMap(({ path, statements }) =>
        statements.flatMap(({ text, line }) =>
          [...text.matchAll(/DEFINER\s*=\s*(`[^`]*`|'[^']*'|[\w.]+)@(`[^`]*`|'[^']*'|[\w.%]+)/giu)].flatMap(
            ({ 1: user = "", 2: host = "" }) => {
              const definer = `${user}@${host}`.replace(/[`']/gu, "");
              return definer === wanted.databaseAccount
                ? []
                : [
                    {
                      object: `${path} line ${line}`,
                      because: `its definer is ${definer}, not ${wanted.databaseAccount}`,
                    },
                  ];
            },
          ),
        ),
      ),
  },
  {
    id: "database/counters",
    title: "No counter of another machine",
    severity: "error",
    why: "the first configuration would not get id 1, and the first replication fails with a foreign key error",
    fix: "sed -i 's/ AUTO_INCREMENT=[0-9]*//' database/schema-only.sql",
    plant: "sed -i '0,/) ENGINE=InnoDB/s//) ENGINE=InnoDB AUTO_INCREMENT=214/' database/schema-only.sql",
    examine: ({ sql, trial }) =>
      trial
        ? counterDifferences(trial.made.baseTables).map((because) => ({ object: schema, because }))
        : statementsLike(sql, /\bAUTO_INCREMENT\s*=\s*([2-9]|\d{2,})/iu, ([found]) => `it sets ${found}`),
  },
  {
    id: "database/collation",
    title: "Character sets and collations are the named ones",
    severity: "error",
    why: "columns of two collations cannot be bound by a foreign key",
    fix: "utf8mb4 with utf8mb4_general_ci everywhere, but for the tables that the list of objects excepts",
    plant: "sed -i '0,/COLLATE=utf8mb4_general_ci/s//COLLATE=utf8mb4_unicode_ci/' database/schema-only.sql",
    examine: differing(/^(collation of|character set of|column with another)/u),
  },
  {
    id: "database/views",
    title: "Every view can be read",
    severity: "error",
    why: "a view over a column that is gone exists and cannot be used",
    fix: "make the view again from the tables as they are",
    plant: "printf 'ALTER TABLE job_tracking DROP COLUMN owner;\\n' >> database/schema-only.sql",
    examine: ({ trial }) => (trial?.brokenViews ?? []).map((because) => ({ object: schema, because })),
  },
  {
    id: "database/foreign-statements",
    title: "Nothing but this database's own tables and rows",
    severity: "error",
    why: "accounts, rights and databases are the build's, with a password of each clone's own",
    fix: "take the statement out; dump one database without --databases",
    plant: "printf 'CREATE USER oma_user@localhost;\\n' >> database/initial-data.sql",
    examine: ({ sql }) =>
      statementsLike(
        sql,
        /^\s*(?:\/\*M?!\d*\s*)?(CREATE\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE|DATABASE|SCHEMA)|ALTER\s+(?:USER|DATABASE|SCHEMA)|DROP\s+(?:USER|DATABASE|SCHEMA)|GRANT|REVOKE|SET\s+(?:PASSWORD|GLOBAL)|USE|LOAD\s+DATA|INSTALL|FLUSH)\b/iu,
        ([, words = ""]) => `the statement ${words.toUpperCase().replace(/\s+/gu, " ")} does not belong here`,
      ),
  },
  {
    id: "database/rows-in-schema",
    title: "The schema holds no rows",
    severity: "error",
    why: "rows of the machine that was dumped are its owner's data",
    fix: "dump it with --no-data; rows that every appliance starts with go into initial-data.sql",
    plant:
      "printf \"INSERT INTO linstor_configs (name, api_url) VALUES ('a', 'b');\\n\" >> database/schema-only.sql",
    examine: (subject) =>
      statementsLike(
        ofSchema(subject),
        /^\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+`?(\w+)/iu,
        ([, table]) => `it puts rows into ${table}`,
      ),
  },
  {
    id: "database/seed",
    title: "The initial data may run twice",
    severity: "error",
    why: "it may meet rows that are there: a second run must change nothing",
    fix: "INSERT IGNORE INTO ..., or INSERT INTO ... SELECT ... WHERE NOT EXISTS (...), on a unique name",
    plant:
      "printf \"INSERT INTO ossea_configs (name, api_url, api_key, secret_key, zone, network_id, disk_offering_id, is_active) VALUES ('plain', 'configure-via-gui', 'configure-via-gui', 'configure-via-gui', 'z', 'n', 'd', 0);\\n\" >> database/initial-data.sql",
    examine: ({ trial }) => [
      ...(trial?.refusedAgain ?? []).map(({ line, because }) => ({
        object: `${seed} line ${line}`,
        because: `it fails in the second run: ${because}`,
      })),
      ...(trial?.moved ?? []).map((table) => ({
        object: seed,
        because: `each run puts more rows into ${table}`,
      })),
    ],
  },
  {
    id: "database/templates-active",
    title: "Template rows are inactive",
    severity: "error",
    why: "an active row with placeholder values makes the appliance talk to a cloud that does not exist",
    fix: "is_active is 0 in every row of ossea_configs and vmware_credentials, is_default too",
    plant: "printf 'UPDATE ossea_configs SET is_active = 1;\\n' >> database/initial-data.sql",
    examine: (subject) =>
      templateValues(subject)
        .filter(({ column, value }) => ["is_active", "is_default"].includes(column) && Number(value) === 1)
        .map(({ place, column }) => ({ object: place, because: `${column} is 1` })),
  },
  {
    id: "database/templates-complete",
    title: "Template rows have every column that the product asks for",
    severity: "error",
    why: "a row that was made from a template without a network ends with: network ID is required for VM creation",
    fix: "give network_id, disk_offering_id and the others a value, such as configure-via-gui",
    plant: "printf 'UPDATE ossea_configs SET network_id = NULL;\\n' >> database/initial-data.sql",
    examine: (subject) =>
      templateValues(subject)
        .filter(
          ({ table, column, value }) =>
            table === "ossea_configs" && /_id$/u.test(column) && (value === null || value === ""),
        )
        .map(({ place, column }) => ({ object: place, because: `${column} has no value` })),
  },
  {
    id: "database/clone-identity",
    title: "No id of one machine",
    severity: "error",
    why: "oma_vm_id is the id of the instance that runs; one from the build is wrong in every clone",
    fix: "put a placeholder there; the first boot of each clone fills it in",
    plant:
      "printf \"UPDATE ossea_configs SET oma_vm_id = '0e1c2a54-6f0f-4f59-9c2d-3a6d1f5b7c11';\\n\" >> database/initial-data.sql",
    examine: (subject) =>
      templateValues(subject)
        .filter(({ column, value }) => column === "oma_vm_id" && uuid.test(String(value)))
        .map(({ place }) => ({ object: place, because: "oma_vm_id is the id of an instance" })),
  },
  {
    id: "database/secrets",
    title: "No key or password in the rows",
    severity: "error",
    why: "whoever has the template has the key",
    fix: "put a placeholder there, such as configure-via-gui, and change the key: it has been given away",
    plant: "printf \"UPDATE ossea_configs SET api_key = 'plJ9cB2mQ7xV';\\n\" >> database/initial-data.sql",
    examine: (subject) =>
      templateValues(subject)
        .filter(
          ({ column, value }) =>
            secretColumns.includes(column) && value !== null && !isPlaceholder(String(value)),
        )
        .map(({ place, column, value }) => ({
          object: place,
          because: `${column} holds a value of ${String(value).length} characters that is no placeholder`,
        })),
  },
  {
    id: "database/real-systems",
    title: "No address of a customer's systems",
    severity: "warning",
    why: "names of a customer's vCenter and data centre are nobody else's business",
    fix: "put a placeholder there, such as configure-via-gui",
    plant:
      "printf \"UPDATE vmware_credentials SET vcenter_host = 'vc01.customer-example.org';\\n\" >> database/initial-data.sql",
    examine: (subject) =>
      templateValues(subject)
        .filter(
          ({ column, value }) =>
            ["api_url", "vcenter_host", "datacenter", "username"].includes(column) && isReal(String(value)),
        )
        .map(({ place, column }) => ({ object: place, because: `${column} looks like a real system's` })),
  },
];

function isReal(value: string): boolean {
  const host = /^[a-z]+:\/\/([^/:]+)/iu.exec(value)?.[1] ?? value;
  if (isPlaceholder(host) || /^(localhost|administrator@vsphere\.local)$/iu.test(host)) return false;
  return /[.\d]|-dc|dc-/iu.test(host);
}

function tablesByText({ sql, wanted }: Subject): Fault[] {
  const file = sql.find(({ path }) => path === schema);
  if (!file) return [];
  const named = (kind: string, want: readonly string[], seen: readonly string[]): Fault[] => [
    ...want
      .filter((name) => !seen.includes(name))
      .map((name) => ({ object: schema, because: `missing ${kind}: ${name}` })),
    ...seen
      .filter((name) => !want.includes(name))
      .map((name) => ({ object: schema, because: `extra ${kind}: ${name}` })),
  ];
  const tables = file.tables.map(({ name }) => name);
  const here = wanted.objects.baseTables.filter(
    (name) => tables.includes(name) || !wanted.migratedTables.includes(name),
  );
  return [...named("base table", here, tables), ...named("view", wanted.objects.views, file.views)];
}

function orderFaults({ path, tables, references, checksOff }: SqlText): Fault[] {
  if (checksOff) return [];
  const lineOf = new Map(tables.map(({ name, line }) => [name, line]));
  const early = references.filter(({ from, to, line }) => from !== to && (lineOf.get(to) ?? 0) > line);
  if (early.length === 0) return [];
  const rings = circles(references).map((chain) => chain.join(" -> "));
  const [first] = early;
  return [
    {
      object: `${path} line ${first?.line}`,
      because: `${early.length} tables refer to later ones, the first is ${first?.from} to ${first?.to}${rings.length > 0 ? `; no order would do, since they go in circles: ${rings.slice(0, 3).join("; ")}` : ""}`,
    },
  ];
}
