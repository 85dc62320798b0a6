import { createHash } from "node:crypto";
import { chownSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Sandbox } from "./support/probe-runner.ts";

let sandbox: Sandbox;
const servers: Server[] = [];

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  sandbox.remove();
});

async function serve(status: number, body: string): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

const unitLines = (active: string) =>
  `LoadState=loaded\nActiveState=${active}\nSubState=running\nUnitFileState=enabled\nUser=oma_admin\nNRestarts=2\nExecMainStatus=0`;

test("unit: its states, its user and its restarts", async () => {
  sandbox.command("systemctl", `cat <<'END'\n${unitLines("active")}\nEND`);
  expect(await sandbox.probe({ kind: "unit", unit: "oma-api.service" })).toMatchObject({
    answer: {
      load: "loaded",
      active: "active",
      sub: "running",
      enabled: "enabled",
      user: "oma_admin",
      restarts: 2,
      execMainStatus: 0,
    },
  });
});

test("unit: a system manager that gives no answer is an error, not a state", async () => {
  sandbox.command("systemctl", "echo 'Failed to connect to bus' >&2; exit 1");
  const { answer, error } = await sandbox.probe({ kind: "unit", unit: "a.service" });
  expect(answer).toBeUndefined();
  expect(error).toContain("Failed to connect to bus");
});

test("failed-units: names them", async () => {
  sandbox.command("systemctl", "echo 'oma-api.service loaded failed failed OMA API'");
  expect(await sandbox.probe({ kind: "failed-units" })).toMatchObject({
    answer: { failed: ["oma-api.service"] },
  });
  sandbox.command("systemctl", "true");
  expect(await sandbox.probe({ kind: "failed-units" })).toMatchObject({ answer: { failed: [] } });
});

test("http: status, JSON and the body's beginning", async () => {
  const port = await serve(200, JSON.stringify({ status: "healthy", long: "x".repeat(4000) }));
  const { answer } = await sandbox.probe({ kind: "http", port, path: "/health" });
  expect(answer).toMatchObject({ status: 200, json: { status: "healthy" } });
  expect((answer as { body: string }).body).toHaveLength(2048);
});

test("http: a server that answers 500 is not well", async () => {
  const port = await serve(500, "broken");
  const { answer } = await sandbox.probe({ kind: "http", port, path: "/" });
  expect(answer).toMatchObject({ status: 500, body: "broken" });
  expect(answer).not.toHaveProperty("json");
});

test("http: nothing that listens is an answer with its reason", async () => {
  const { answer } = await sandbox.probe({ kind: "http", port: 1, path: "/" });
  expect(answer).toMatchObject({ status: null, error: "port 1: Connection refused" });
});

test("http: a server that never answers is given up", async () => {
  const server = createServer(() => {});
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const { answer } = await sandbox.probe({ kind: "http", port, path: "/", timeoutSeconds: 0.3 });
  expect(answer).toMatchObject({ status: null });
  server.closeAllConnections();
});

test("listen: which sockets there are, and on which addresses a port is open", async () => {
  const port = await serve(200, "");
  const { answer } = await sandbox.probe({ kind: "listen", port });
  expect(answer).toMatchObject({ addresses: ["127.0.0.1"] });
  expect((answer as { sockets: string[] }).sockets).toContain(`tcp 127.0.0.1:${port}`);
  expect(await sandbox.probe({ kind: "listen", port: 1 })).toMatchObject({ answer: { addresses: [] } });
});

test("file: type, mode, owner, size, digest and text", async () => {
  const path = sandbox.write("config", "listen = 127.0.0.1\n", 0o640);
  chownSync(path, 65534, 65534);
  expect(await sandbox.probe({ kind: "file", path, text: true })).toMatchObject({
    answer: {
      exists: true,
      type: "file",
      mode: "0640",
      owner: "nobody",
      group: "nogroup",
      size: 19,
      sha256: createHash("sha256").update("listen = 127.0.0.1\n").digest("hex"),
      text: "listen = 127.0.0.1\n",
    },
  });
  expect((await sandbox.probe({ kind: "file", path })).answer).not.toHaveProperty("text");
});

test("file: a secret one gives neither text nor digest", async () => {
  const path = sandbox.write("key", "hunter2hunter2", 0o600);
  const { answer } = await sandbox.probe({ kind: "file", path, text: true, secret: true });
  expect(answer).toMatchObject({ exists: true, mode: "0600", size: 14 });
  expect(answer).not.toHaveProperty("text");
  expect(answer).not.toHaveProperty("sha256");
});

test("file: links, folders and what is not there", async () => {
  symlinkSync("/dev/null", sandbox.path("masked"));
  mkdirSync(sandbox.path("folder"), { mode: 0o755 });
  expect(await sandbox.probe({ kind: "file", path: sandbox.path("masked") })).toMatchObject({
    answer: { type: "link", target: "/dev/null" },
  });
  expect(await sandbox.probe({ kind: "file", path: sandbox.path("folder") })).toMatchObject({
    answer: { type: "directory", mode: "0755" },
  });
  expect(await sandbox.probe({ kind: "file", path: sandbox.path("none") })).toMatchObject({
    answer: { exists: false },
  });
});

test("glob: what matches, also a link that leads nowhere", async () => {
  sandbox.write("ssh_host_rsa_key", "");
  symlinkSync("/nowhere", sandbox.path("ssh_host_ed25519_key"));
  const { answer } = await sandbox.probe({ kind: "glob", pattern: join(sandbox.folder, "ssh_host_*_key") });
  expect(answer).toEqual({ paths: [sandbox.path("ssh_host_ed25519_key"), sandbox.path("ssh_host_rsa_key")] });
});

test.each([
  [
    "a 32-byte key",
    Buffer.alloc(32, 7).toString("base64"),
    { length: 44, base64Bytes: 32, placeholder: false },
  ],
  ["a 31-byte key", Buffer.alloc(31, 7).toString("base64"), { base64Bytes: 31 }],
  ["in quotes", `"${Buffer.alloc(32, 9).toString("base64")}"`, { length: 44, base64Bytes: 32 }],
  ["a key cut off", Buffer.alloc(32, 7).toString("base64").slice(0, -2), { base64Bytes: null }],
  ["nothing", "", { length: 0, base64Bytes: null, placeholder: true }],
  ["a placeholder", "CHANGE_ME", { placeholder: true }],
  ["an unfilled template", "$" + "{CREDENTIAL_KEY}", { placeholder: true }],
])("environment-file: %s", async (_name, value, expected) => {
  const path = sandbox.write("api.env", `# comment\nOTHER=1\nKEY=${value}\n`, 0o600);
  const seen = await sandbox.probe({ kind: "environment-file", path, variable: "KEY" });
  expect(seen).toMatchObject({ answer: { defined: true, ...expected } });
  if (value.length > 8) expect(JSON.stringify(seen)).not.toContain(value.replaceAll('"', ""));
});

test("environment-file: a variable or a file that is not there", async () => {
  const path = sandbox.write("api.env", "OTHER=1\n#KEY=2\n");
  expect(await sandbox.probe({ kind: "environment-file", path, variable: "KEY" })).toMatchObject({
    answer: { defined: false },
  });
  expect(
    await sandbox.probe({ kind: "environment-file", path: sandbox.path("none"), variable: "KEY" }),
  ).toMatchObject({ answer: { defined: false, error: `${sandbox.path("none")} does not exist` } });
});

const xml = `<?xml version="1.0"?>
<resultset statement="SELECT 1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <row><field name="count">26</field><field name="version">10.11.8</field><field name="gone" xsi:nil="true" /></row>
  <row><field name="count">007</field><field name="version">a&lt;b</field><field name="gone">NULL</field></row>
</resultset>`;

test("sql: rows with numbers as numbers, text as text, and NULL told from its word", async () => {
  sandbox.command("mariadb", `cat > query; printf '%s\\n' "$*" > arguments; cat <<'END'\n${xml}\nEND`);
  expect(await sandbox.probe({ kind: "sql", database: "d", query: "SELECT 'secret'" })).toMatchObject({
    answer: {
      rows: [
        { count: 26, version: "10.11.8", gone: null },
        { count: "007", version: "a<b", gone: "NULL" },
      ],
    },
  });
});

test("sql: an error of the server is in the answer", async () => {
  sandbox.command("mariadb", "cat > /dev/null; echo \"ERROR 1146: Table 'd.x' doesn't exist\" >&2; exit 1");
  expect(await sandbox.probe({ kind: "sql", database: "d", query: "SELECT 1 FROM x" })).toMatchObject({
    answer: { rows: [], error: "ERROR 1146: Table 'd.x' doesn't exist" },
  });
});

test("sql: without a server there is no answer, and so nothing that its own advice would mend", async () => {
  const said =
    "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)";
  sandbox.command("mariadb", `cat > /dev/null; echo "${said}" >&2; exit 1`);
  expect(await sandbox.probe({ kind: "sql", database: "d", query: "SELECT 1" })).toMatchObject({
    error: `the database does not answer: ${said}; systemctl status mariadb`,
  });
});

test("package: installed ones with their version, others not", async () => {
  const { answer } = await sandbox.probe({ kind: "package", name: "bash" });
  expect(answer).toMatchObject({ installed: true });
  expect((answer as { version: string }).version).toMatch(/^\d/u);
  expect(await sandbox.probe({ kind: "package", name: "no-such-package" })).toMatchObject({
    answer: { installed: false },
  });
  sandbox.command("dpkg-query", "echo 'config-files 1.2'");
  expect(await sandbox.probe({ kind: "package", name: "cloud-init" })).toMatchObject({
    answer: { installed: false },
  });
});

test("user: who it is and that nobody can log in by a password", async () => {
  expect(await sandbox.probe({ kind: "user", name: "nobody" })).toMatchObject({
    answer: { exists: true, uid: 65534, home: "/nonexistent", groups: ["nogroup"], password: "locked" },
  });
  expect(await sandbox.probe({ kind: "user", name: "no-such-user" })).toMatchObject({
    answer: { exists: false },
  });
});

test("os-release: what the machine says it is", async () => {
  const { answer } = await sandbox.probe({ kind: "os-release" });
  expect(answer).toMatchObject({
    id: expect.stringMatching(/^[a-z]+$/u),
    versionId: expect.stringMatching(/^\d/u),
  });
});

test("script: what it prints, or why it printed nothing", async () => {
  const script = (text: string) =>
    sandbox.probe({ kind: "script", script: "assets/x.sh", text } as Record<string, unknown>);
  expect(await script("printf '{\"keys\": 3}'")).toMatchObject({ answer: { keys: 3 } });
  expect((await script("echo DB_PASSWORD=hunter2 >&2; exit 3")).error).toBe(
    "assets/x.sh ended with 3: DB_PASSWORD=***",
  );
  expect((await script("echo done")).error).toBe("assets/x.sh did not print JSON");
});

test("unit-file: what the disk says of a unit", async () => {
  sandbox.command("systemctl", `[[ $1 == --root=/ ]] || exit 9; [[ $3 == a.service ]] && echo enabled`);
  const state = async (unit: string) => (await sandbox.probe({ kind: "unit-file", unit })).answer;
  expect(await state("a.service")).toEqual({ state: "enabled" });
  expect(await state("none.service")).toEqual({ state: "not-found" });
});

test("checks: a verdict for each, though those that ask the same look once", async () => {
  sandbox.command("dpkg-query", "echo x >> asked; echo 'installed 1.2'");
  const probe = { kind: "package", name: "curl" };
  const asked = await sandbox.ask({
    checks: [
      { id: "package/curl", probe, expect: { installed: { equals: true } } },
      { id: "package/old", probe, expect: { version: { equals: "1.1" } } },
      { id: "package/odd", probe: { kind: "telepathy" }, expect: { "": { empty: true } } },
    ],
  });
  expect(asked).toMatchObject({
    verdicts: [
      { id: "package/curl", outcome: "passed", detail: "installed true" },
      { id: "package/old", outcome: "failed", detail: "expected version to be 1.1, saw 1.2" },
      { id: "package/odd", outcome: "unknown", detail: "no probe of kind 'telepathy'" },
    ],
  });
  expect(sandbox.read("asked")).toBe("x\n");
});

test("a command that is missing makes its probes unknown and leaves the others alone", async () => {
  const path = sandbox.path("bin");
  const python = join(path, "python3");
  symlinkSync("/usr/bin/python3", python);
  const asked = await sandbox.ask(
    {
      probes: [{ kind: "unit", unit: "a" }, { kind: "os-release" }, { kind: "telepathy" }, { kind: "file" }],
    },
    path,
  );
  expect(asked).toMatchObject({
    answers: [
      { error: "systemctl is not installed" },
      { answer: { id: expect.any(String) } },
      { error: "no probe of kind 'telepathy'" },
      { error: "the probe has no 'path'" },
    ],
  });
});
