/** Migrations on an appliance in use, against a real MariaDB: applied once, on record, or taken back whole. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTemporaryMariaDb, type TemporaryMariaDb } from "../../toolchain/package/temporary-mariadb.ts";
import { paths } from "../../toolchain/project.ts";
import { freshDatabase, pathOf, program } from "./support/operator-tool.ts";

const tool = join(paths.root, "assets/common/operator/appliance-migrate");
let server: TemporaryMariaDb;
let work: string;
let appliance: string;
let folder: string;

beforeAll(async () => {
  server = await startTemporaryMariaDb();
  work = mkdtempSync(join(tmpdir(), "migrate-"));
  const client = `--socket=${server.socket} --user=root`;
  // Parameters 1 and 2 of the client are the ones that name its socket and user.
  program(
    work,
    "mariadb",
    `exec ${execFileSync("which", ["mariadb"], { encoding: "utf8" }).trim()} ${client} "\${@:3}"`,
  );
  program(
    work,
    "appliance-backup",
    `case $1 in
       make) mariadb-dump ${client} --databases migratekit_oma > ${work}/backup.sql; printf '${work}/backup.sql: a backup\\n';;
       restore) printf 'DROP DATABASE migratekit_oma;' | cat - "$2" | ${execFileSync("which", ["mariadb"], { encoding: "utf8" }).trim()} ${client};;
     esac`,
  );
  program(
    work,
    "systemctl",
    `printf '%s\\n' "$*" >> ${work}/systemctl.log; if [[ $1 == show ]]; then printf 'multi-user.target oma-api.service\\n'; fi`,
  );
}, 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

beforeEach(() => {
  appliance = mkdtempSync(join(work, "root-"));
  folder = mkdtempSync(join(work, "migrations-"));
  for (const name of ["etc/ossea", "run/lock"]) mkdirSync(join(appliance, name), { recursive: true });
  writeFileSync(
    join(appliance, "etc/ossea/database.env"),
    "DATABASE_HOST=127.0.0.1\nDATABASE_NAME=migratekit_oma\n",
  );
  writeFileSync(join(work, "systemctl.log"), "");
  freshDatabase(
    server,
    `CREATE TABLE configs (id int PRIMARY KEY);
    INSERT INTO configs VALUES (1);
    CREATE TABLE schema_migrations (version varchar(14) PRIMARY KEY, description varchar(255), applied_at timestamp NULL DEFAULT current_timestamp());
    INSERT INTO schema_migrations (version) VALUES ('20250101000000');`,
  );
});

function migrate(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync("bash", [tool, ...args], {
    encoding: "utf8",
    env: { PATH: pathOf(work), APPLIANCE_ROOT: appliance },
  });
  return { status, text: stdout + stderr };
}

function put(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

function rows(query: string): string {
  return server.root(query, "migratekit_oma").trim();
}

const good = "CREATE TABLE history (id int PRIMARY KEY);\nINSERT INTO history VALUES (1)";

test("applies what is not on record, in order, once; the services stand still meanwhile", () => {
  put("20250101000000_dumped.up.sql", "CREATE TABLE configs (id int);");
  put("20260102000000_more.up.sql", "INSERT INTO history VALUES (2);");
  put("20260101000000_history.up.sql", good);
  expect(migrate("--dry-run", folder).text).toBe(
    "would apply 20260101000000_history.up.sql\nwould apply 20260102000000_more.up.sql\n",
  );
  expect(rows("SHOW TABLES LIKE 'history'")).toBe("");
  const first = migrate(folder);
  expect(first, first.text).toMatchObject({ status: 0 });
  expect(rows("SELECT version, description, LENGTH(checksum) FROM schema_migrations")).toBe(
    "20250101000000\tNULL\tNULL\n20260101000000\thistory\t64\n20260102000000\tmore\t64",
  );
  expect(rows("SELECT COUNT(*) FROM history")).toBe("2");
  const asked = readFileSync(join(work, "systemctl.log"), "utf8").split("\n");
  expect(asked.filter((line) => /^(start|stop)/u.test(line))).toEqual([
    "stop oma-api.service",
    "start oma-api.service",
  ]);
  expect(migrate(folder)).toEqual({ status: 0, text: "migratekit_oma: all 3 migrations are on record\n" });
});

test("one that fails is told with its line, and everything is as it was, tables included", () => {
  put("20260101000000_history.up.sql", good);
  put(
    "20260102000000_broken.up.sql",
    "CREATE TABLE later (id int);\nDROP TABLE configs;\nINSERT INTO nowhere VALUES (1);\n",
  );
  const { status, text } = migrate(folder);
  expect(status).toBe(1);
  expect(text).toMatch(/20260102000000_broken.up.sql: .*at line 3.*nowhere/su);
  expect(text).toContain("next: mend that line");
  expect(rows("SHOW TABLES")).toBe("configs\nschema_migrations");
  expect(rows("SELECT version FROM schema_migrations")).toBe("20250101000000");
  expect(readFileSync(join(work, "systemctl.log"), "utf8")).toContain("start oma-api.service");
  expect(existsSync(join(appliance, "etc/ossea/migrating"))).toBe(false);
});

test("one that the power ended in its middle: the next run puts the database back first, then goes on", () => {
  put("20260101000000_history.up.sql", good);
  execFileSync(join(work, "bin/appliance-backup"), ["make"], {
    env: { PATH: pathOf(work) },
  });
  writeFileSync(join(appliance, "etc/ossea/migrating"), `${work}/backup.sql\n`);
  server.root("CREATE TABLE history (id int PRIMARY KEY)", "migratekit_oma");
  const { status, text } = migrate(folder);
  expect(status, text).toBe(0);
  expect(text).toContain("an earlier run broke off: the database is put back as it was before it");
  expect(rows("SELECT COUNT(*) FROM history")).toBe("1");
});

test("one that was changed after it had been applied, and names that are none, are told together; nothing is touched", () => {
  put("20260101000000_history.up.sql", good);
  expect(migrate(folder).status).toBe(0);
  put("20260101000000_history.up.sql", `${good};`);
  put("0001_first.up.sql", "SELECT 1;");
  put("20260103000000_a.up.sql", "SELECT 1;");
  put("20260103000000_b.up.sql", "SELECT 1;");
  const { status, text } = migrate(folder);
  expect(status).toBe(1);
  for (const words of [
    "20260101000000_history.up.sql: it was changed after it had been applied",
    "0001_first.up.sql: a migration is named",
    "20260103000000_b.up.sql: there is another one of version 20260103000000",
  ]) {
    expect(text).toContain(words);
  }
  expect(rows("SELECT COUNT(*) FROM schema_migrations")).toBe("2");
});

test.each([
  ["no folder", [], "one folder is needed"],
  ["a folder that is not there", ["/nowhere/at/all"], "there is no such folder"],
])("%s is told with what to type", (_name, args, words) => {
  const { status, text } = migrate(...args);
  expect(status).toBe(1);
  expect(text).toContain(words);
  expect(text).toContain("next: appliance-migrate [--dry-run] FOLDER");
});

test("a folder without a migration is told", () => {
  expect(migrate(folder)).toMatchObject({ status: 1, text: expect.stringContaining("holds no migration") });
});
