/** npm run package as a person runs it: every fault at once, or a manifest to build from. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oma } from "../../appliances/oma.ts";
import { artifactFaults } from "../../common/artifact-files.ts";
import { parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { withOwnDatabase } from "../../inputs/own-database.ts";
import { readSources } from "../../inputs/sources.ts";
import { database } from "../../providers/guest/acts/database.ts";
import { Connections } from "../../providers/ssh/index.ts";
import type { Finding } from "../../toolchain/package/rule.ts";
import { packageRules } from "../../toolchain/package/rules/index.ts";
import { run } from "../../toolchain/process.ts";
import { paths } from "../../toolchain/project.ts";
import { type MariaDb, startMariaDb } from "../guest/support/mariadb.ts";
import { type Sshd, startSshd } from "../stand-ins/support/sshd.ts";
import { makeGoodPackage } from "./support/good-package.ts";

let server: MariaDb;
let sshd: Sshd;
let work: string;
let good: string;

beforeAll(async () => {
  server = await startMariaDb();
  sshd = await startSshd();
  work = mkdtempSync(join(tmpdir(), "package-command-"));
  good = join(work, "good");
  makeGoodPackage(good, server);
}, 120_000);

afterAll(async () => {
  await Promise.all([server?.stop(), sshd?.stop()]);
  rmSync(work, { recursive: true, force: true });
});

function packageCommand(...args: string[]) {
  return run(process.execPath, [join(paths.root, "toolchain/main.ts"), "package", ...args], {
    cwd: paths.root,
  });
}

function copyOf(name: string): string {
  const folder = join(work, name);
  cpSync(good, folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}

test("a good package gets a manifest that the build takes, and the settings to type", async () => {
  const folder = copyOf("fine");
  const { code, stdout, stderr } = await packageCommand("--from", folder);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain(`${folder}: 0 errors, 0 warnings; ${packageRules.length} rules asked.`);
  const manifest = relative(paths.root, join(folder, "artifacts.yaml"));
  expect(stdout).toContain(`config set artifacts ${manifest} -s STACK`);
  expect(stdout).toContain(
    `config set databaseFolder ${relative(paths.root, join(folder, "database"))} -s STACK`,
  );
  expect(stderr).toContain("Examining");
  const { artifacts, knownBad } = parseArtifactManifest(
    manifest,
    readFileSync(join(paths.root, manifest), "utf8"),
  );
  expect(artifactFaults(paths.root, artifacts)).toEqual([]);
  expect(artifacts.map(({ name, version, target }) => [name, version, target])).toEqual([
    ["oma-api", "v2.28.0-credential-replacement-complete", "/opt/migratekit/bin/oma-api"],
    ["volume-daemon", "v1.3.2-persistent-naming-fixed", "/usr/local/bin/volume-daemon"],
    ["migration-gui", expect.stringMatching(/^sha256-[0-9a-f]{12}$/u), "/opt/migratekit/gui"],
  ]);
  expect(knownBad.map(({ version }) => version)).toContain("v2.29.3-update-config-fix");
  const again = await packageCommand("--from", folder, "--version", "migration-gui=v5", "--json");
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ errors: 0, warnings: 0, manifest, findings: [] });
  expect(readFileSync(join(paths.root, manifest), "utf8")).toContain("version: v5");
}, 120_000);

test("every fault is named in one run, with a manifest for nobody", async () => {
  const folder = copyOf("bad");
  const planted = [
    "files/missing",
    "files/development",
    "binaries/known-bad",
    "binaries/architecture",
    "gui/links",
    "database/statements",
    "database/foreign-keys",
    "database/definer",
    "database/counters",
    "database/templates-complete",
    "database/secrets",
    "services/command-line-secret",
    "services/user",
    "scripts/syntax",
    "secrets/burnt-default",
  ];
  for (const rule of packageRules.filter(({ id }) => planted.includes(id))) {
    execFileSync("bash", ["-ec", rule.plant], { cwd: folder, stdio: "pipe" });
  }
  const { code, stdout } = await packageCommand("--from", folder, "--json");
  expect(code).toBe(1);
  const told = JSON.parse(stdout) as { findings: Finding[]; manifest: string | null; errors: number };
  expect(planted.filter((id) => !told.findings.some(({ rule }) => rule === id))).toEqual([]);
  expect(told.manifest).toBeNull();
  expect(told.errors).toBeGreaterThanOrEqual(planted.length);
  expect(existsSync(join(folder, "artifacts.yaml"))).toBe(false);
  const forPeople = await packageCommand("--from", folder);
  expect(forPeople.code).toBe(1);
  expect(forPeople.stdout).toContain("No manifest was written");
  expect(forPeople.stdout).toMatch(
    /ERROR {4}does not hold: No version that is known to be bad {2}\[binaries\/known-bad\]\n.*binaries\/oma-api: it holds the name v2\.29\.3-update-config-fix/u,
  );
  expect(forPeople.stdout + stdout).not.toMatch(/Sw0rdfish1|plJ9cB2mQ7xV/u);
}, 120_000);

test("what a person accepts is a warning, and stands with its reason in the manifest", async () => {
  const folder = copyOf("accepted");
  execFileSync("bash", ["-ec", "printf 'package main' > binaries/main.go"], { cwd: folder });
  const refused = await packageCommand("--from", folder);
  expect(refused.code).toBe(1);
  const reason = "the customer asked for the sources";
  const { code, stdout } = await packageCommand("--from", folder, "--accept", `files/development=${reason}`);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain(`accepted: ${reason}`);
  expect(stdout).toContain("0 errors, 1 warning");
  expect(readFileSync(join(folder, "artifacts.yaml"), "utf8")).toContain(
    `# Accepted: files/development, because ${reason}`,
  );
}, 120_000);

test("an empty folder: whatever is missing is told, and nothing falls over", async () => {
  const { code, stdout } = await packageCommand("--from", mkdtempSync(join(work, "empty-")), "--json");
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  expect(findings.map(({ rule }) => rule)).toEqual(Array.from({ length: 10 }, () => "files/missing"));
}, 60_000);

test.each([
  ["no folder", [], "--from is missing"],
  ["a folder that is not there", ["--from", "/nowhere/at/all"], "there is no such folder"],
  ["an unknown flag", ["--from", ".", "--force"], "Unknown option '--force'"],
  ["a version of nothing", ["--from", ".", "--version", "oma-pi=1"], "did you mean oma-api?"],
  ["a version without a name", ["--from", ".", "--version", "v2"], "is not NAME=VERSION"],
  ["no reason", ["--from", ".", "--accept", "secrets/value"], "is not RULE=REASON"],
])("%s is told with what to type", async (_name, args, because) => {
  const { code, stderr } = await packageCommand(...args);
  expect(code).toBe(1);
  expect(stderr).toContain(because);
  expect(stderr).toMatch(/next: +npm run package -- --from DIR/u);
});

test("a machine's database is filled from the package's own folder, with our migrations on top", async () => {
  const own = withOwnDatabase(paths.root, oma, join(good, "database"));
  const { sources, faults } = readSources(paths.root, own);
  expect(faults).toEqual([]);
  const { sql } = sources;
  if (!sql || !own.database) throw new Error("there is no database");
  server.root(`
    DROP DATABASE IF EXISTS ${own.database.name};
    CREATE DATABASE ${own.database.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
    CREATE OR REPLACE USER ${own.database.user}@localhost IDENTIFIED BY 'of-this-test-alone';
    GRANT ALL ON ${own.database.name}.* TO ${own.database.user}@localhost;`);
  const { host, port, user, privateKey, hostKey } = sshd.target;
  const asked = database.inputs.parse({
    connection: { host, port, user, privateKey, hostKey },
    database: {
      name: own.database.name,
      user: own.database.user,
      password: "of-this-test-alone",
      port: server.port,
    },
    schema: sql.schema.text,
    seed: sql.seed.text,
    migrations: sql.migrations.map(({ path, text }) => ({
      file: path.slice(path.lastIndexOf("/") + 1),
      sql: text,
    })),
    objects: own.database.objects,
  });
  const connections = new Connections();
  try {
    const { outputs } = await database.perform(asked, {
      connections,
      signal: undefined,
      progress: () => {},
      root: paths.root,
    });
    expect(outputs.counts).toEqual({ baseTables: 30, views: 5, foreignKeys: 35 });
    expect(outputs.versions).toEqual(["20250928200000", "20251003160000"]);
  } finally {
    connections.close();
  }
});
