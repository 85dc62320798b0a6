import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Imported, importDatabase } from "../../providers/guest/sql/import.ts";
import { type MigrationFiles, migrationFiles } from "../../providers/guest/sql/migrations.ts";
import { parseNamedSet } from "../../providers/guest/sql/objects.ts";
import { withSession } from "../../providers/guest/sql/session.ts";
import { connect, type SshConnection } from "../../providers/ssh/index.ts";
import { type Sshd, startSshd } from "../stand-ins/support/sshd.ts";
import { type MariaDb, startMariaDb } from "./support/mariadb.ts";

let sshd: Sshd;
let server: MariaDb;
let machine: SshConnection;
const password = "pa'ss;word`1";

beforeAll(async () => {
  sshd = await startSshd();
  server = await startMariaDb();
  machine = await connect(sshd.target);
}, 120_000);

afterAll(async () => {
  machine?.close();
  await Promise.all([sshd?.stop(), server?.stop()]);
});

beforeEach(() => {
  server.root(`
    DROP DATABASE IF EXISTS appliance;
    CREATE DATABASE appliance CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
    CREATE OR REPLACE USER owner@localhost IDENTIFIED BY '${password.replaceAll("'", "''")}';
    GRANT ALL ON appliance.* TO owner@localhost;`);
});

/** Two tables that refer to each other, a hashed key, a default from a function, and a view of its owner. */
const schema = `/*M!999999\\- enable the sandbox mode */
-- A dump; with a semicolon
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE contexts (
  id varchar(64) NOT NULL DEFAULT uuid(),
  job_id varchar(64),
  note longtext,
  PRIMARY KEY (id),
  UNIQUE KEY note (note) USING HASH,
  CONSTRAINT current_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE SET NULL
);
CREATE TABLE jobs (
  id varchar(64) NOT NULL PRIMARY KEY,
  context_id varchar(64),
  FOREIGN KEY (context_id) REFERENCES contexts (id) ON DELETE CASCADE
);
CREATE TABLE configs (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(64) NOT NULL UNIQUE, is_active tinyint(1) DEFAULT 0);
CREATE DEFINER=owner@localhost SQL SECURITY DEFINER VIEW inactive AS SELECT name FROM configs WHERE is_active = 0;
`;
const seed = `INSERT IGNORE INTO configs (name, is_active) VALUES ('template; inactive', 0);`;
const objects = {
  baseTables: ["contexts", "jobs", "configs"],
  views: ["inactive"],
  foreignKeys: ["contexts.job_id -> jobs.id SET NULL", "jobs.context_id -> contexts.id CASCADE"],
};

const history = {
  file: "20250102030405_add_history.up.sql",
  sql: "CREATE TABLE history (\n  id int NOT NULL PRIMARY KEY\n);\nINSERT INTO history VALUES (1);",
};
const label = {
  file: "20250101000000_add_label.up.sql",
  sql: "ALTER TABLE configs ADD COLUMN label varchar(64) DEFAULT NULL;",
};
const migrated = { ...objects, baseTables: [...objects.baseTables, "history", "schema_migrations"] };

interface Planted {
  schema?: string;
  seed?: string;
  migrations?: MigrationFiles;
  objects?: unknown;
  password?: string;
  port?: number;
}

const lines: string[] = [];

async function load(planted: Planted = {}): Promise<Imported> {
  lines.length = 0;
  const parsed = parseNamedSet(planted.objects ?? objects);
  if (!parsed.ok) throw new Error("the object list cannot be read");
  const request = {
    database: "appliance",
    schema: planted.schema ?? schema,
    seed: planted.seed ?? seed,
    migrations: planted.migrations ?? [],
    objects: parsed.set,
    server: "127.0.0.1",
  };
  const access = {
    name: "appliance",
    user: "owner",
    password: planted.password ?? password,
    host: "127.0.0.1",
    port: planted.port ?? server.port,
  };
  return withSession(machine, access, "machine", undefined, (session) =>
    importDatabase(session, request, (line) => lines.push(line)),
  );
}

async function fault(planted: Planted): Promise<string> {
  return load(planted).then(
    () => "no fault was seen",
    (error: unknown) => String(error),
  );
}

function rows(sql: string): string {
  return server.root(sql, "appliance").trim();
}

test("imports through the tunnel and proves what came of it", async () => {
  const imported = await load();
  expect(imported.objects).toEqual({ baseTables: 3, views: 1, foreignKeys: 2 });
  expect(imported.serverVersion).toMatch(/MariaDB/u);
  expect(imported.schemaDigest).toMatch(/^[0-9a-f]{64}$/u);
  expect(rows("SELECT * FROM configs")).toBe("1\ttemplate; inactive\t0");
  expect(rows("SELECT * FROM inactive")).toBe("template; inactive");
  expect(
    rows(
      "SELECT auto_increment FROM information_schema.tables WHERE table_schema = 'appliance' AND table_name = 'configs'",
    ),
  ).toBe("2");
  expect(lines.at(-1)).toBe("verified 3 base tables, 1 views, 2 foreign keys");
});

test("a complete import that is asked for again is verified, not repeated", async () => {
  const first = await load();
  rows("INSERT INTO configs (name) VALUES ('by the product')");
  expect(await load()).toEqual(first);
  expect(lines[0]).toContain("complete already");
  expect(rows("SELECT COUNT(*) FROM configs")).toBe("2");
});

test("a statement that fails in the middle is named with its line; the mended file then works", async () => {
  const broken = schema.replace("CREATE TABLE configs (id", "CREATE TABLE configs (id id");
  const message = await fault({ schema: broken });
  expect(message).toContain(
    "a statement of the schema failed: appliance, schema line 17: CREATE TABLE configs (id id",
  );
  expect(message).toContain("because: Unknown data type: 'id'");
  expect(rows("SHOW TABLES")).toContain("jobs");
  await load();
  expect(lines[0]).toBe("an earlier import broke off: dropping the 2 objects that it made");
});

test("a seed that fails is named as the seed", async () => {
  expect(await fault({ seed: `${seed}\nINSERT INTO nowhere VALUES (1);` })).toContain(
    "seed line 2: INSERT INTO nowhere",
  );
  await load();
});

test("a long statement is cut in the message", async () => {
  const message = await fault({ schema: `CREATE TABLE x (${"y".repeat(500)});` });
  expect(message).toContain(`CREATE TABLE x (${"y".repeat(104)}\n`);
});

test("a database that somebody else filled is left alone", async () => {
  server.root("CREATE TABLE precious (id int); INSERT INTO precious VALUES (1)", "appliance");
  const message = await fault({});
  expect(message).toContain("will not import into a database that is in use");
  expect(message).toContain("precious");
  expect(rows("SELECT COUNT(*) FROM precious")).toBe("1");
});

test("a complete import of other files is left alone", async () => {
  await load();
  expect(await fault({ seed: "" })).toContain("will not import into a database that is in use");
  expect(rows("SELECT COUNT(*) FROM configs")).toBe("1");
});

test("a seed that adds rows each time is not idempotent", async () => {
  const message = await fault({ seed: "INSERT INTO jobs (id) VALUES (uuid());" });
  expect(message).toContain("the seed is not idempotent");
  expect(message).toContain("jobs had 1 rows after the first run, 2 after the second");
});

test("the seed obeys the foreign keys", async () => {
  const message = await fault({
    seed: "INSERT IGNORE INTO configs (name) VALUES ('a');\nINSERT INTO jobs VALUES ('1', 'nobody');",
  });
  expect(message).toMatch(/seed line 2.*foreign key constraint fails/su);
});

test.each<[string, Planted, string]>([
  [
    "a table that is not declared",
    { schema: `${schema}CREATE TABLE old (id int);` },
    "extra base table: old",
  ],
  [
    "a table that is not made",
    { objects: { ...objects, baseTables: [...objects.baseTables, "gone"] } },
    "missing base table: gone",
  ],
  ["a view that is not made", { objects: { ...objects, views: ["inactive", "gone"] } }, "missing view: gone"],
  [
    "a foreign key that was lost",
    { schema: schema.replace(/,\n\s+CONSTRAINT current_job.*/u, "") },
    "missing foreign key: contexts.job_id -> jobs.id SET NULL",
  ],
  [
    "another rule on delete",
    { schema: schema.replace("ON DELETE CASCADE", "") },
    "extra foreign key: jobs.context_id -> contexts.id RESTRICT",
  ],
  [
    "another collation",
    { schema: schema.replace("DEFAULT 0);", "DEFAULT 0) COLLATE utf8mb4_unicode_ci;") },
    "collation of configs: utf8mb4_unicode_ci, not utf8mb4_general_ci",
  ],
  [
    "another character set",
    { schema: schema.replace("name varchar(64)", "name varchar(64) CHARACTER SET latin1") },
    "configs.name (latin1)",
  ],
  [
    "a counter of the dump's machine",
    { schema: schema.replace("DEFAULT 0);", "DEFAULT 0) AUTO_INCREMENT=214;") },
    "AUTO_INCREMENT of configs: 214, not 1",
  ],
  ["an empty schema", { schema: "-- nothing" }, "there is no statement in it"],
  ["a schema for the mysql client", { schema: `${schema}DELIMITER //\n` }, "schema line 19"],
])("sees %s", async (_name, planted, expected) => {
  expect(await fault(planted)).toContain(expected);
});

test("a view that cannot be used is seen", async () => {
  await load();
  rows("ALTER TABLE configs RENAME COLUMN is_active TO active");
  expect(await fault({})).toMatch(/view inactive cannot be read/u);
});

test("the server's own character set is seen when the database was made without one", async () => {
  server.root("ALTER DATABASE appliance CHARACTER SET latin1");
  expect(await fault({})).toContain("character set of the database: latin1, not utf8mb4");
});

test("a wrong password is told without the password", async () => {
  const message = await fault({ password: "hunter22" });
  expect(message).toContain("cannot log in to the database: appliance as owner");
  expect(message).toContain("Access denied");
  expect(message).not.toContain("hunter22");
});

test("a server that does not listen is told", async () => {
  expect(await fault({ port: 1 })).toContain("cannot reach 127.0.0.1:1 from the machine");
});

test("an import that is called off ends, and can begin anew", async () => {
  const control = new AbortController();
  const access = { name: "appliance", user: "owner", password, host: "127.0.0.1", port: server.port };
  const parsed = parseNamedSet(objects);
  if (!parsed.ok) throw new Error("the object list cannot be read");
  const request = {
    database: "appliance",
    schema,
    seed,
    migrations: [],
    objects: parsed.set,
    server: "127.0.0.1",
  };
  const work = withSession(machine, access, "machine", control.signal, (session) =>
    importDatabase(session, request, (line) => {
      if (line.startsWith("seed")) control.abort(new Error("called off"));
    }),
  );
  await expect(work).rejects.toThrow("called off");
  expect((await load()).objects.baseTables).toBe(3);
});

function record(): string[] {
  return rows("SELECT version, description, LENGTH(checksum) FROM schema_migrations ORDER BY version").split(
    "\n",
  );
}

test("migrations are applied in the order of their versions, after the seed, and kept on record", async () => {
  const imported = await load({ migrations: [history, label], objects: migrated });
  expect(imported.migrations).toEqual(["20250101000000", "20250102030405"]);
  expect(lines.filter((line) => line.startsWith("migration"))).toEqual([
    "migration 20250101000000_add_label.up.sql: 1 statements",
    "migration 20250102030405_add_history.up.sql: 2 statements",
  ]);
  expect(record()).toEqual(["20250101000000\tadd_label\t64", "20250102030405\tadd_history\t64"]);
  expect(rows("SELECT name, label FROM configs")).toBe("template; inactive\tNULL");
});

test("migrations again change nothing; a later one is applied to what is there", async () => {
  const first = await load({
    migrations: [label],
    objects: { ...migrated, baseTables: [...objects.baseTables, "schema_migrations"] },
  });
  rows("INSERT INTO configs (name) VALUES ('by the product')");
  const second = await load({ migrations: [label, history], objects: migrated });
  expect(second.migrations).toEqual([...first.migrations, "20250102030405"]);
  expect(await load({ migrations: [label, history], objects: migrated })).toEqual(second);
  expect(lines.filter((line) => line.startsWith("migration"))).toEqual([]);
  expect(rows("SELECT COUNT(*) FROM configs")).toBe("2");
});

test("a version that the seed has on record is not applied", async () => {
  const table =
    "CREATE TABLE schema_migrations (version varchar(14) NOT NULL PRIMARY KEY, description varchar(255), applied_at timestamp NULL DEFAULT current_timestamp());";
  await load({
    schema: `${schema}${table}CREATE TABLE history (id int);`,
    seed: `${seed}INSERT IGNORE INTO schema_migrations (version, description) VALUES ('20250102030405', 'by the dump');`,
    migrations: [history],
    objects: migrated,
  });
  expect(record()).toEqual(["20250102030405\tby the dump\tNULL"]);
});

test("a migration that was changed after it had been applied is refused, and nothing is touched", async () => {
  await load({ migrations: [history], objects: migrated });
  const changed = { ...history, sql: `${history.sql}INSERT INTO history VALUES (2);` };
  const message = await fault({ migrations: [label, changed], objects: migrated });
  expect(message).toContain(
    "a migration was changed after it had been applied: appliance: migration 20250102030405_add_history.up.sql",
  );
  expect(record()).toEqual(["20250102030405\tadd_history\t64"]);
  expect(rows("SELECT COUNT(*) FROM history")).toBe("1");
});

test("a migration that fails is named by file and line, and is not on record; a clean import then works", async () => {
  const broken = { ...history, sql: history.sql.replace("VALUES (1)", "VALUES (NULL)") };
  const message = await fault({ migrations: [label, broken], objects: migrated });
  expect(message).toContain(
    "a statement of the migration 20250102030405_add_history.up.sql failed: appliance, migration 20250102030405_add_history.up.sql line 4: INSERT INTO history",
  );
  expect(message).toContain("what this import made is dropped first");
  expect(record()).toEqual(["20250101000000\tadd_label\t64"]);
  await load({ migrations: [label, history], objects: migrated });
});

test("rows of a migration that fails are taken back with it", async () => {
  await load({ migrations: [history], objects: migrated });
  const half = {
    file: "20250301000000_two_rows.up.sql",
    sql: "INSERT INTO history VALUES (2);\nINSERT INTO history VALUES (2);",
  };
  expect(await fault({ migrations: [history, half], objects: migrated })).toContain(
    "line 2: INSERT INTO history",
  );
  expect(rows("SELECT COUNT(*) FROM history")).toBe("1");
});

test("a migration that broke off on a database in use is not run over again", async () => {
  await load({
    migrations: [label],
    objects: { ...migrated, baseTables: [...objects.baseTables, "schema_migrations"] },
  });
  const broken = { ...history, sql: history.sql.replace("VALUES (1)", "VALUES (NULL)") };
  expect(await fault({ migrations: [label, broken], objects: migrated })).toContain(
    "restore the database from its last backup",
  );
  const message = await fault({ migrations: [label, history], objects: migrated });
  expect(message).toContain("a migration broke off in the middle: appliance on 127.0.0.1");
  expect(rows("SELECT COUNT(*) FROM history")).toBe("0");
});

test.each([
  ["a number in front", [{ file: "0001_add_history.up.sql", sql: "SELECT 1" }]],
  ["no way up", [{ file: "20250102030405_add_history.sql", sql: "SELECT 1" }]],
  ["one version twice", [history, { ...label, file: "20250102030405_add_label.up.sql" }]],
])("migrations with %s are refused", (_name, files) => {
  expect(migrationFiles.safeParse(files).success).toBe(false);
});

test("a migration that cannot be read, or that holds nothing, ends the import before it begins", async () => {
  const empty = { file: "20250102030405_nothing.up.sql", sql: "-- to come" };
  expect(await fault({ migrations: [empty] })).toContain("there is no statement in it");
  expect(rows("SHOW TABLES")).toBe("");
});

test("a seed whose second run fails is told as the second run", async () => {
  const message = await fault({ seed: "INSERT INTO configs (name) VALUES ('plain');" });
  expect(message).toContain("a statement of the second run of the seed failed");
  expect(message).toContain("Duplicate entry");
});
