import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isNoChange } from "../../toolchain/commands/start.ts";
import { engineEnvironment, ensureOwnFolders, parseEnvironmentLines } from "../../toolchain/environment.ts";
import { describeOutputs } from "../../toolchain/outputs.ts";
import { pathsOf } from "../../toolchain/project.ts";
import { selectedStack, stackArgument, talksToCloud } from "../../toolchain/stack.ts";
import { keepingStackFile, onlySaltAdded } from "../../toolchain/stack-file.ts";
import { releaseDeadLocks } from "../../toolchain/stale-lock.ts";
import { countResults, lastLine } from "../../toolchain/test-counts.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-front-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the last line of npm test has its one form", () => {
  expect(lastLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(lastLine({ passed: 3, failed: 2, skipped: 1 })).toBe("3 passed, 2 failed, 1 skipped");
});

const report = (changes: object = {}) =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [{ status: "passed", assertionResults: [{}] }],
    ...changes,
  });

test("tests are counted from the runner's report, skipped and planned ones as skipped", () => {
  expect(countResults(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
  expect(countResults(report({ numFailedTests: 2 }), 1).failed).toBe(2);
});

test("a file that does not load, an error outside of tests, and a missing report are failures", () => {
  const unloaded = report({ testResults: [{ status: "failed", assertionResults: [] }] });
  expect(countResults(unloaded, 1).failed).toBe(1);
  expect(countResults(report(), 1).failed).toBe(1);
  expect(countResults(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("an update that changed nothing is told from one that did", () => {
  expect(isNoChange({ same: 12 })).toBe(true);
  expect(isNoChange({ same: 11, create: 0 })).toBe(true);
  expect(isNoChange({ same: 11, update: 1 })).toBe(false);
});

const engine = {
  version: "v3.259.0",
  source: "x",
  cli: "/engine/pulumi",
  hostFolder: "/host",
  hostSource: "x",
  mark: "",
};

test("the engine's environment stays inside the project and uses its Node.js first", () => {
  const paths = pathsOf(folder, {});
  const given = { PATH: "/usr/bin", PULUMI_HOME: "/home/somebody/.pulumi" };
  const environment = engineEnvironment({ paths, engine, given });
  expect(environment.PATH?.split(":").slice(0, 2)).toEqual(["/engine", "/host"]);
  expect(environment.PATH).toContain(join(folder, "node_modules", ".bin"));
  expect(environment.PULUMI_HOME).toBe(join(folder, ".ossea", "pulumi-home"));
  expect(environment.PULUMI_BACKEND_URL).toBe(`file://${join(folder, ".ossea", "state")}`);
  expect(environment.PULUMI_CONFIG_PASSPHRASE_FILE).toBe(join(folder, ".ossea", "passphrase"));
});

test("a backend and a passphrase of the user's own stay, and the lab's keys win for a lab stack", () => {
  const environment = engineEnvironment({
    paths: pathsOf(folder, {}),
    engine,
    given: {
      PULUMI_BACKEND_URL: "s3://states",
      PULUMI_CONFIG_PASSPHRASE: "own",
      CLOUDSTACK_API_URL: "https://production",
    },
    lab: { CLOUDSTACK_API_URL: "http://127.0.0.1:1/client/api" },
  });
  expect(environment.PULUMI_BACKEND_URL).toBe("s3://states");
  expect(environment.PULUMI_CONFIG_PASSPHRASE_FILE).toBeUndefined();
  expect(environment.CLOUDSTACK_API_URL).toBe("http://127.0.0.1:1/client/api");
});

test("the passphrase is made once, and for its owner's eyes only", () => {
  const paths = pathsOf(folder, {});
  ensureOwnFolders(paths);
  const first = readFileSync(paths.passphrase, "utf8");
  expect(first.length).toBeGreaterThan(40);
  expect(statSync(paths.passphrase).mode & 0o777).toBe(0o600);
  ensureOwnFolders(paths);
  expect(readFileSync(paths.passphrase, "utf8")).toBe(first);
});

test("the lab's lines are read, quoted or not, and noise is left out", () => {
  const text =
    "starting\nexport CLOUDSTACK_API_URL='http://x/y?a=b'\nCLOUDSTACK_API_KEY=k\n# CLOUDSTACK_X=1\n";
  expect(parseEnvironmentLines(text)).toEqual({
    CLOUDSTACK_API_URL: "http://x/y?a=b",
    CLOUDSTACK_API_KEY: "k",
  });
});

test("the stack is read from each form of the argument", () => {
  expect(stackArgument(["--stack", "oma", "--json"])).toEqual({ stack: "oma", rest: ["--json"] });
  expect(stackArgument(["--stack=org/p/oma"])).toEqual({ stack: "oma", rest: [] });
  expect(stackArgument(["-s", "vma"])).toEqual({ stack: "vma", rest: [] });
  expect(stackArgument(["up"])).toEqual({ stack: undefined, rest: ["up"] });
});

test("the selected stack is the one of the own backend", () => {
  mkdirSync(join(folder, "workspaces"));
  const file = join(folder, "workspaces", "p-1-workspace.json");
  writeFileSync(file, JSON.stringify({ stacks: { "file:///a": "organization/p/oma" } }));
  expect(selectedStack(folder, "file:///a")).toBe("oma");
  expect(selectedStack(folder, "file:///b")).toBeUndefined();
});

test("only commands that reach the cloud need the lab", () => {
  expect(talksToCloud(["--color", "never", "up"])).toBe(true);
  expect(talksToCloud(["up", "--yes"])).toBe(true);
  expect(talksToCloud(["stack", "output"])).toBe(false);
});

const plain = "# mine\nconfig:\n  p:zone: z\n";

test("a salt that serves no secret is taken out again, with every comment kept", async () => {
  const file = join(folder, "Pulumi.dev.yaml");
  writeFileSync(file, plain);
  const work = keepingStackFile(file, async () => {
    writeFileSync(file, "config:\n  p:zone: z\nencryptionsalt: v1:abc\n");
    throw new Error("interrupted");
  });
  await expect(work).rejects.toThrow("interrupted");
  expect(readFileSync(file, "utf8")).toBe(plain);
});

test("a salt that serves a secret, and a change that somebody asked for, stay", () => {
  expect(onlySaltAdded(plain, `${plain}encryptionsalt: v1:abc\n`)).toBe(true);
  expect(onlySaltAdded(plain, `${plain}  p:key:\n    secure: v1:x\nencryptionsalt: v1:abc\n`)).toBe(false);
  expect(onlySaltAdded(plain, "config:\n  p:zone: other\nencryptionsalt: v1:abc\n")).toBe(false);
  expect(onlySaltAdded(plain, "config:\n  p:zone: other\n")).toBe(false);
});

test("the lock of a killed engine is released; a live one's and another host's stay", () => {
  const locks = join(folder, ".pulumi", "locks", "organization", "p", "dev");
  mkdirSync(locks, { recursive: true });
  const hold = (name: string, pid: number, host: string) =>
    writeFileSync(join(locks, name), JSON.stringify({ pid, hostname: host, username: "u", timestamp: "t" }));
  hold("dead.json", 11, hostname());
  hold("live.json", 12, hostname());
  hold("elsewhere.json", 11, "another-host");
  expect(releaseDeadLocks(folder, (pid) => pid === 12)).toEqual([11]);
  expect(existsSync(join(locks, "dead.json"))).toBe(false);
  expect(existsSync(join(locks, "live.json"))).toBe(true);
  expect(existsSync(join(locks, "elsewhere.json"))).toBe(true);
});

test("outputs are printed for people, and no secret among them", () => {
  const outputs = {
    template: { id: "42", name: "oma" },
    connection: { host: "127.9.0.2", ssh: { user: "oma_admin", port: 22 }, database: "[secret]" },
    report: ".ossea/reports/dev/proof.html",
  };
  const text = describeOutputs(outputs, "dev").join("\n");
  expect(text).toContain("  host      127.9.0.2");
  expect(text).toContain("    user  oma_admin");
  expect(text).toContain("[secret: npm run pulumi -- stack output --show-secrets connection -s dev]");
  expect(text).toContain(".ossea/reports/dev/proof.html");
  expect(text).not.toContain("[object");
});
