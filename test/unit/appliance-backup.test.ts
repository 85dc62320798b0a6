/** Backups on a bad day, against a real MariaDB: restores that fail or are cut off, a wrong clock, two at once. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTemporaryMariaDb, type TemporaryMariaDb } from "../../toolchain/package/temporary-mariadb.ts";
import { paths } from "../../toolchain/project.ts";
import { freshDatabase, pathOf, program } from "./support/operator-tool.ts";

const tool = join(paths.root, "assets/common/operator/appliance-backup");
/** The tool wants root, and these tests do not. */
const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--map-root-user"];
let server: TemporaryMariaDb;
let work: string;
let backups: string;

beforeAll(async () => {
  server = await startTemporaryMariaDb();
  work = mkdtempSync(join(tmpdir(), "backup-"));
  mkdirSync(join(work, "etc/ossea"), { recursive: true });
  writeFileSync(join(work, "etc/ossea/database.env"), "DATABASE_NAME=migratekit_oma\n");
  writeFileSync(join(work, "etc/ossea/units"), "oma-api.service\n");
  program(work, "systemctl", `printf '%s\\n' "$*" >> ${work}/systemctl.log`);
  for (const name of ["mariadb", "mariadb-dump"]) {
    const real = execFileSync("which", [name], { encoding: "utf8" }).trim();
    // Of the client only the one that restores is called without --batch.
    program(
      work,
      name,
      `if [[ -n \${AT_LOAD:-} && \${0##*/} == mariadb && $* != *--batch* ]]; then eval "$AT_LOAD"; fi
exec ${real} --socket=${server.socket} --user=root "\${@:2}"`,
    );
  }
}, 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

beforeEach(() => {
  backups = mkdtempSync(join(work, "backups-"));
  writeFileSync(join(work, "systemctl.log"), "");
  freshDatabase(
    server,
    `CREATE TABLE configs (word varchar(20));
    INSERT INTO configs VALUES ('first');`,
  );
});

/** @param atLoad what happens the moment that a backup is read into the database */
function backup(args: readonly string[], { atLoad = "", keep = "14", before = [] as string[] } = {}) {
  const command = [...asRoot, ...before, "python3", "-B", tool, ...args];
  const { status, signal, stdout, stderr } = spawnSync(command[0] ?? "", command.slice(1), {
    encoding: "utf8",
    env: {
      PATH: pathOf(work),
      APPLIANCE_ROOT: work,
      BACKUP_FOLDER: backups,
      BACKUP_KEEP: keep,
      AT_LOAD: atLoad,
    },
  });
  return { status, signal, text: stdout + stderr };
}

function made(): string {
  const { status, text } = backup(["make"]);
  expect([status, text]).toEqual([0, expect.stringContaining("1 tables and views")]);
  return text.split(": ")[0] ?? "";
}

const word = () => server.root("SELECT word FROM configs", "migratekit_oma").trim();
const say = (text: string) => server.root(`UPDATE configs SET word = '${text}'`, "migratekit_oma");
const started = () => execFileSync("grep", ["-c", "^start oma-api", join(work, "systemctl.log")]).toString();

test("a backup that cannot be restored leaves the database as it was, and the services run again", () => {
  const file = join(backups, "broken.sql.gz");
  writeFileSync(file, gzipSync("CREATE TABLE a (id int);\nCREATE TABEL b;\n-- Dump completed\n"));
  const { status, text } = backup(["restore", file]);
  expect([status, text]).toEqual([
    1,
    expect.stringContaining("broken.sql.gz cannot be restored: ERROR 1064"),
  ]);
  expect(text).toContain("the database is as it was before");
  expect([word(), started()]).toEqual(["first", "1\n"]);
  expect(server.root("SHOW TABLES", "migratekit_oma").trim()).toBe("configs");
});

test("a restore whose connection hangs up in its middle is brought to its end", () => {
  const file = made();
  say("second");
  const { status, signal } = backup(["restore", file], {
    atLoad: "kill -HUP $PPID; kill -INT $PPID; kill -TERM $PPID",
  });
  expect([status, signal, word(), started()]).toEqual([0, null, "first", "1\n"]);
});

test("after a restore that lost its power no backup is made of half a database, and what was there can be had back", () => {
  const file = made();
  say("second");
  expect(backup(["restore", file], { atLoad: "kill -KILL $PPID; exit 1" }).signal).toBe("SIGKILL");
  const refused = backup(["make"]);
  expect([refused.status, refused.text]).toEqual([1, expect.stringContaining("a restore was cut off")]);
  const before = /appliance-backup restore (\S+)/u.exec(refused.text)?.[1] ?? "";
  expect(before).not.toBe(file);
  expect(backup(["restore", before]).status).toBe(0);
  expect([word(), backup(["make"]).status]).toEqual(["second", 0]);
});

test("what one that was cut off has left behind goes with the next one", () => {
  writeFileSync(join(backups, "migratekit_oma-20260101T000000.000000Z.sql.gz.part"), "half");
  server.root("CREATE DATABASE ossea_restored_99");
  made();
  expect(readdirSync(backups).filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(server.root("SHOW DATABASES LIKE 'ossea%'").trim()).toBe("");
});

test("backups that a wrong clock has dated into the future push out none that is made since, nor do other files go", () => {
  const future = join(backups, "migratekit_oma-20990101T000000.000000Z.sql.gz");
  const own = join(backups, "before-upgrade.sql.gz");
  for (const path of [future, own]) writeFileSync(path, gzipSync("-- Dump completed\n"));
  const { status, text } = backup(["make"], { keep: "1" });
  expect([status, text]).toEqual([0, expect.stringContaining(`${future}: removed`)]);
  expect([existsSync(text.split(": ")[0] ?? ""), existsSync(own)]).toEqual([true, true]);
});

test("two do not work at the same time", () => {
  const { status, text } = backup(["make"], { before: ["flock", join(backups, ".lock")] });
  expect([status, text]).toEqual([1, expect.stringContaining("another appliance-backup is at work")]);
});
