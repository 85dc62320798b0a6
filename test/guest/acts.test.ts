import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Check } from "../../appliances/checks/types.ts";
import type { Tools } from "../../providers/guest/acts/act.ts";
import { checks } from "../../providers/guest/acts/checks.ts";
import { service } from "../../providers/guest/acts/service.ts";
import { sshKey } from "../../providers/guest/acts/ssh-key.ts";
import { sshReady } from "../../providers/guest/acts/ssh-ready.ts";
import { twinComparison } from "../../providers/guest/acts/twin-comparison.ts";
import { Connections, generateKeyPair } from "../../providers/ssh/index.ts";
import { type Sshd, startSshd } from "../stand-ins/support/sshd.ts";

let sshd: Sshd;
let root: string;
let connections: Connections;
let lines: string[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acts-"));
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "assets", "keys.sh"), `printf '{"keys": 3}'\n`);
  sshd = await startSshd();
});

afterAll(async () => {
  await sshd?.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  lines = [];
  connections = new Connections();
  return () => connections.close();
});

function tools(): Tools {
  return { connections, signal: undefined, progress: (line) => lines.push(line), root };
}

function connection() {
  const { host, port, user, privateKey, hostKey } = sshd.target;
  return { host, port, user, privateKey, hostKey };
}

function check(id: string, parts: Partial<Check> = {}): Check {
  return {
    id,
    title: id,
    group: "system",
    phases: ["build"],
    severity: "error",
    why: "why",
    fix: `mend ${id}`,
    probe: { kind: "os-release" },
    expect: { id: { matches: "^[a-z]+$" } },
    plant: "true",
    ...parts,
  };
}

const red = { expect: { id: { equals: "another system" } } } satisfies Partial<Check>;

function inputsOf(list: readonly Check[], parts: object = {}) {
  return checks.inputs.parse({
    connection: connection(),
    appliance: "oma",
    phase: "build",
    checks: list,
    machineName: "oma-build",
    ...parts,
  });
}

test("a key is one that OpenSSH takes", async () => {
  const { id, outputs } = await sshKey.perform(sshKey.inputs.parse({ comment: "build" }), tools());
  const file = join(root, "key");
  writeFileSync(file, outputs.privateKey, { mode: 0o600 });
  expect(execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" }).trim()).toBe(outputs.publicKey);
  expect(execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" })).toContain(outputs.fingerprint);
  expect(id).toBe(outputs.fingerprint);
});

test("checks run on the machine and their results come back", async () => {
  const script = check("a/script", {
    probe: { kind: "script", script: "assets/keys.sh" },
    expect: { keys: { equals: 3 } },
  });
  const { outputs } = await checks.perform(inputsOf([check("a/os"), script]), tools());
  expect(outputs).toMatchObject({ passed: 2, failed: 0, warnings: 0 });
  expect(outputs.results.map(({ outcome }) => outcome)).toEqual(["passed", "passed"]);
  expect(lines).toEqual(["oma-build: 2 of 2 checks green"]);
});

test("one red check ends the update with its mending", async () => {
  const run = checks.perform(inputsOf([check("a/os"), check("a/bad", red)]), tools());
  await expect(run).rejects.toThrow(/1 of 2 checks are red.*a\/bad.*mend a\/bad/su);
});

test("a red run is reported with the earlier ones of its build, and the error says where", async () => {
  const report = { directory: "reports", appliance: "oma", title: "OMA", fingerprint: { input: "1" } };
  const other = { ...report, fingerprint: { input: "0" } };
  await checks.perform(inputsOf([check("a/old")], { machineName: "old", report: other }), tools());
  await checks.perform(inputsOf([check("a/os")], { report }), tools());
  const run = checks.perform(
    inputsOf([check("a/os"), check("a/bad", red)], { machineName: "oma-clone", report }),
    tools(),
  );
  const path = join(root, "reports", "report.html");
  await expect(run).rejects.toThrow(`the report is ${path}`);
  const told = JSON.parse(readFileSync(join(root, "reports", "report.json"), "utf8"));
  expect(told).toMatchObject({
    proved: false,
    runs: [
      { machine: "oma-build", tally: { passed: 1 } },
      { machine: "oma-clone", tally: { passed: 1, failed: 1 } },
    ],
  });
  expect(readFileSync(path, "utf8")).toContain("Not proved");
});

test("a waived red check does not end the update, and is told as waived", async () => {
  const waivers = [{ check: "a/bad", reason: "known", owner: "Ada", expires: "2999-12-31" }];
  const { outputs } = await checks.perform(
    inputsOf([check("a/os"), check("a/bad", red)], { waivers }),
    tools(),
  );
  expect(outputs).toMatchObject({ passed: 1, failed: 0, waived: 1 });
  expect(outputs.results[1]).toMatchObject({ outcome: "waived", waiver: { owner: "Ada" } });
  const over = [{ ...waivers[0], expires: "2001-01-01" }];
  await expect(checks.perform(inputsOf([check("a/bad", red)], { waivers: over }), tools())).rejects.toThrow(
    "a/bad",
  );
});

test("a sealed disk that is not there is told", async () => {
  await expect(checks.perform(inputsOf([check("a/os")], { phase: "sealed" }), tools())).rejects.toThrow(
    /no sealed disk is attached|no mount namespace/u,
  );
});

test("two machines are compared by their facts, in one round trip each", async () => {
  writeFileSync(
    join(root, "assets", "facts.sh"),
    `printf '{"identity": {"nonce": "%s"}, "contents": {"os": "x"}}' "$NONCE"\n`,
  );
  const record = { title: "t", why: "w", fix: "f", plant: "p" };
  const asked = {
    connections: [connection(), connection()],
    script: "assets/facts.sh",
    phase: "twins",
    machineName: "pair",
  };
  const equal = { ...record, id: "twins/os", fact: "contents.os", must: "be equal" };
  const differ = { ...record, id: "twins/nonce", fact: "identity.nonce", must: "differ" };
  const good = await twinComparison.perform(
    twinComparison.inputs.parse({ ...asked, checks: [equal] }),
    tools(),
  );
  expect(good.outputs).toMatchObject({ passed: 1, failed: 0 });
  // A machine that is compared with itself.
  await expect(
    twinComparison.perform(twinComparison.inputs.parse({ ...asked, checks: [equal, differ] }), tools()),
  ).rejects.toThrow(/1 of 2 checks are red in phase twins: pair.*both have [0-9a-f]{64}/su);
});

test("a red warning ends it only when asked to, and nothing does when told so", async () => {
  const warning = check("a/warn", { ...red, severity: "warning" });
  const { outputs } = await checks.perform(inputsOf([warning]), tools());
  expect(outputs).toMatchObject({ passed: 0, failed: 0, warnings: 1 });
  await expect(checks.perform(inputsOf([warning], { failOn: "warning" }), tools())).rejects.toThrow("a/warn");
  const never = await checks.perform(inputsOf([check("a/bad", red)], { failOn: "never" }), tools());
  expect(never.outputs.failed).toBe(1);
});

test("a clone is looked at again until its time is over", async () => {
  const inputs = inputsOf([check("a/bad", red)], { phase: "clone", timeoutSeconds: 8 });
  await expect(checks.perform(inputs, tools())).rejects.toThrow("phase clone");
  expect(lines[0]).toBe("oma-build: 0 of 1 checks green, waiting for a/bad");
});

test("a check whose script is missing is told before the machine is asked", async () => {
  const missing = check("a/script", { probe: { kind: "script", script: "assets/none.sh" } });
  await expect(checks.perform(inputsOf([missing]), tools())).rejects.toThrow(
    "cannot read the script of a check",
  );
});

test("runs at the same time share one login", async () => {
  const before = sshd.logins();
  await Promise.all(["a", "b", "c"].map((id) => checks.perform(inputsOf([check(`${id}/os`)]), tools())));
  expect(sshd.logins() - before).toBe(1);
});

test("a connection that died while nobody used it is replaced", async () => {
  await connections.use(sshd.target, undefined, async (machine) => {
    await machine.exec("kill -9 $PPID").catch(() => {});
    await machine.closed;
  });
  const { code } = await connections.use(sshd.target, undefined, (machine) => machine.exec("true"));
  expect(code).toBe(0);
});

test("a failed dial is not remembered", async () => {
  const other = { ...sshd.target, hostKey: generateKeyPair().publicKey };
  for (const _attempt of [1, 2]) {
    await expect(connections.use(other, undefined, (machine) => machine.exec("true"))).rejects.toThrow(
      "host key mismatch",
    );
  }
});

test("a service on a machine without systemd is told, not waited for", async () => {
  const inputs = service.inputs.parse({
    connection: connection(),
    unit: "oma-api.service",
    gate: { kind: "unit", state: "active", timeoutSeconds: 5 },
  });
  await expect(service.perform(inputs, tools())).rejects.toThrow(
    /the probe runner ended with 1: .*(?:connect to bus|systemctl is not installed)/su,
  );
});

test.each<[string, object, string]>([
  ["a machine without any knowledge of its host key", { hostKey: undefined }, "connection.hostKey"],
  ["a port that is none", { port: 0 }, "connection.port"],
  ["a mistyped property", { username: "root" }, "connection"],
])("SshReady refuses %s", (_name, planted, path) => {
  const parsed = sshReady.inputs.safeParse({ connection: { ...connection(), ...planted } });
  expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toContain(path);
});

test("SshReady takes an attestation token in the place of a host key, if it is long enough", () => {
  const { hostKey: _pinned, ...unpinned } = connection();
  const parse = (attestationToken: string) =>
    sshReady.inputs.safeParse({ connection: unpinned, attestationToken });
  expect(parse("5a".repeat(32)).success).toBe(true);
  expect(parse("5a").success).toBe(false);
  expect(parse("zz".repeat(32)).success).toBe(false);
});

test("everything else insists on a host key", () => {
  const { hostKey: _pinned, ...unpinned } = connection();
  const parsed = checks.inputs.safeParse({ ...inputsOf([check("a/os")]), connection: unpinned });
  expect(parsed.error?.issues[0]?.path).toEqual(["connection", "hostKey"]);
});
