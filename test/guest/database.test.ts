import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Imported, importDatabase } from "../../providers/guest/sql/import.ts";
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

interface Planted {
  schema?: string;
  seed?: string;
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
  const request = { database: "appliance", schema, seed, objects: parsed.set, server: "127.0.0.1" };
  const work = withSession(machine, access, "machine", control.signal, (session) =>
    importDatabase(session, request, (line) => {
      if (line.startsWith("seed")) control.abort(new Error("called off"));
    }),
  );
  await expect(work).rejects.toThrow("called off");
  expect((await load()).objects.baseTables).toBe(3);
});
