import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Gate } from "../../appliances/types.ts";
import { judgeService, type ServiceReport, serviceReport } from "../../providers/guest/machine/service.ts";
import { Sandbox } from "./support/probe-runner.ts";

let sandbox: Sandbox;
let server: Server | undefined;

beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.command(
    "journalctl",
    "for i in $(seq 30); do echo line $i; done; echo 'config: DB_PASSWORD=hunter22 token: abcdefg dsn oma:s3cret@tcp(127.0.0.1)'; echo 'told of correct-horse'",
  );
  state({});
});

afterEach(async () => {
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
  sandbox.remove();
});

/** What the stand-in of systemctl says; the unit is read from a file, so that a test can let it die. */
function state(properties: Record<string, string>): void {
  const lines = Object.entries({
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    Result: "success",
    NRestarts: "0",
    MainPID: "100",
    ExecMainCode: "0",
    ExecMainStatus: "0",
    Environment: "API_TOKEN=correct-horse",
    ...properties,
  });
  sandbox.write("state", `${lines.map(([name, value]) => `${name}=${value}`).join("\n")}\n`);
}

/** `show` may take another state from its n-th call on. */
function systemctl(options: { start?: string; laterFrom?: number } = {}): void {
  sandbox.command(
    "systemctl",
    `case "$1" in
  start) echo "$*" >> calls; ${options.start ?? "exit 0"} ;;
  enable) echo "$*" >> calls ;;
  show) n=$(( $(cat count 2>/dev/null || echo 0) + 1 )); echo $n > count
    if [ -e later ] && [ $n -ge ${options.laterFrom ?? 1000} ]; then cat later; else cat state; fi ;;
esac`,
  );
}

function later(properties: Record<string, string>): void {
  state(properties);
  sandbox.write("later", sandbox.read("state"));
  state({});
}

async function serve(status: number, body: unknown): Promise<number> {
  server = createServer((_request, response) => response.writeHead(status).end(JSON.stringify(body)));
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

function http(port: number, timeoutSeconds = 20): Gate {
  return { kind: "http", port, path: "/health", status: 200, json: { status: "healthy" }, timeoutSeconds };
}

async function start(gate: Gate, watchSeconds = 0.6, enable = false): Promise<ServiceReport> {
  const answer = await sandbox.ask({ service: { unit: "oma-api.service", gate, enable, watchSeconds } });
  return serviceReport.parse(answer).service;
}

function judged(gate: Gate, report: ServiceReport): string {
  try {
    const request = { unit: "oma-api.service", gate, enable: false, watchSeconds: 1 };
    return judgeService(request, report, { name: "build", ssh: "ssh b@h" }).evidence;
  } catch (error) {
    return String(error);
  }
}

test("a service whose gate holds and that stays up is ready, with the evidence", async () => {
  systemctl();
  const gate = http(await serve(200, { status: "healthy", version: "1" }));
  const report = await start(gate, 0.6, true);
  expect(report).toMatchObject({ held: true, died: null, evidence: 'HTTP 200, status="healthy"', log: [] });
  expect(judged(gate, report)).toBe('HTTP 200, status="healthy"');
  expect(sandbox.read("calls")).toBe("enable oma-api.service\nstart oma-api.service\n");
});

test.each([
  ["another status", 500, { status: "healthy" }, "HTTP 500"],
  ["another field", 200, { status: "degraded" }, 'status="degraded"'],
  ["a field that is missing", 200, {}, "no status"],
  ["no object", 200, ["healthy"], "no status"],
])("%s does not open the gate", async (_name, status, body, evidence) => {
  systemctl();
  const gate = http(await serve(status, body), 0.7);
  const report = await start(gate);
  expect(report.held).toBe(false);
  expect(judged(gate, report)).toContain("the service does not do its work");
  expect(judged(gate, report)).toContain(evidence);
});

test("active without an answer is not ready", async () => {
  systemctl();
  const gate = http(1, 0.6);
  expect(judged(gate, await start(gate))).toMatch(
    /not do its work.*Connection refused.*active \(running\)/su,
  );
});

test("a service that becomes ready and dies within the watch is caught", async () => {
  systemctl({ laterFrom: 4 });
  later({
    ActiveState: "activating",
    SubState: "auto-restart",
    MainPID: "0",
    ExecMainCode: "1",
    ExecMainStatus: "3",
  });
  const gate = http(await serve(200, { status: "healthy" }));
  const report = await start(gate, 5);
  expect(report).toMatchObject({ held: false, died: "ended" });
  expect(judged(gate, report)).toContain("the service died after its start");
  expect(judged(gate, report)).toContain("main process 100 ended, exit status 3");
});

test.each([
  ["restarted by systemd", { NRestarts: "1", MainPID: "200" }, "systemd started it again (1 times)"],
  ["under another process", { MainPID: "200" }, "its main process changed from 100 to 200"],
  [
    "failed",
    { ActiveState: "failed", SubState: "failed", Result: "exit-code", ExecMainStatus: "1" },
    "exit status 1, result exit-code",
  ],
  ["killed", { ActiveState: "failed", Result: "signal", ExecMainCode: "2", ExecMainStatus: "9" }, "signal 9"],
])(
  "a service %s while its gate is waited for is not waited for to the end",
  async (_name, planted, words) => {
    systemctl({ laterFrom: 3 });
    later(planted);
    const gate = http(1, 120);
    const report = await start(gate);
    expect(report.readySeconds).toBeLessThan(60);
    expect(judged(gate, report)).toContain(words);
  },
);

test("a gate that holds at first and not at the end is not ready", async () => {
  systemctl();
  sandbox.command(
    "mariadb",
    'n=$(( $(cat asked 2>/dev/null || echo 0) + 1 )); echo $n > asked; cat > /dev/null; echo "<resultset><row><field name=\\"a\\">$n</field></row></resultset>"',
  );
  const gate: Gate = { kind: "sql", database: "d", query: "SELECT 1", equals: "1", timeoutSeconds: 5 };
  const report = await start(gate);
  expect(report.held).toBe(false);
  expect(judged(gate, report)).toContain("SQL answered 2");
});

test("SQL and sockets are asked, not the unit alone", async () => {
  systemctl();
  sandbox.command(
    "mariadb",
    "cat > /dev/null; echo '<resultset><row><field name=\"a\">1</field></row></resultset>'",
  );
  const sql: Gate = { kind: "sql", database: "d", query: "SELECT 1", equals: "1", timeoutSeconds: 5 };
  expect(await start(sql)).toMatchObject({ held: true, evidence: "SQL answered 1" });
  const port = await serve(200, {});
  const socket: Gate = { kind: "socket", port, address: "127.0.0.1", timeoutSeconds: 5 };
  expect(await start(socket)).toMatchObject({ held: true });
  const everywhere: Gate = { ...socket, address: "0.0.0.0", timeoutSeconds: 0.5 };
  expect(judged(everywhere, await start(everywhere))).toContain("listens on 127.0.0.1 instead of 0.0.0.0");
  const closed: Gate = { ...socket, port: 1, timeoutSeconds: 0.5 };
  expect(judged(closed, await start(closed))).toContain("nothing listens on port 1");
});

test("a oneshot unit is ready when it has exited well", async () => {
  systemctl();
  const gate: Gate = { kind: "unit", state: "exited", timeoutSeconds: 0.6 };
  expect((await start(gate)).held).toBe(false);
  state({ SubState: "exited", MainPID: "0" });
  expect(await start(gate)).toMatchObject({ held: true, evidence: "active (exited)" });
});

test.each([
  ["unknown", { LoadState: "not-found", ActiveState: "inactive" }, "there is no such unit"],
  ["masked", { LoadState: "masked", ActiveState: "inactive" }, "the unit is masked"],
])("a unit that is %s", async (_name, planted, words) => {
  systemctl({ start: "echo refused >&2; exit 5" });
  state(planted);
  const gate = http(1, 5);
  expect(judged(gate, await start(gate))).toContain(words);
});

test("a unit that systemd will not start says what systemd said", async () => {
  systemctl({ start: "echo 'Job for oma-api.service failed' >&2; exit 1" });
  state({ ActiveState: "inactive", SubState: "dead", MainPID: "0" });
  const gate = http(1, 5);
  expect(judged(gate, await start(gate))).toContain("systemctl start: Job for oma-api.service failed");
});

test("words that were still on their way to the journal are told", async () => {
  systemctl();
  sandbox.command(
    "journalctl",
    `if [ "$1" = --sync ]; then echo 'the last words' > arrived; else cat arrived; fi`,
  );
  const report = await start(http(1, 0.4));
  expect(report.log).toEqual(["the last words"]);
});

test("the log's last lines are told without its secrets", async () => {
  systemctl();
  const gate = http(1, 0.4);
  const report = await start(gate);
  expect(report.log).toHaveLength(20);
  const message = judged(gate, report);
  expect(message).toContain("line 30");
  for (const secret of ["hunter22", "abcdefg", "s3cret", "correct-horse"])
    expect(message).not.toContain(secret);
  expect(message).toContain("DB_PASSWORD=***");
});
