/** Scripts that run in a machine: their form, and what those do that need no machine. */

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attestationOf, isAttested } from "../../providers/guest/machine/attestation.ts";

const root = join(import.meta.dirname, "..", "..");
const assets = join(root, "assets");
const me = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
const owner = `${me}:${execFileSync("id", ["-gn"], { encoding: "utf8" }).trim()}`;

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const scripts = filesUnder(assets).filter((path) => path.endsWith(".sh"));

describe("form", () => {
  test("shellcheck has nothing to say, libraries included", () => {
    const files = filesUnder(assets).filter((path) => /\.(sh|bash)$/u.test(path));
    const checked = spawnSync("shellcheck", ["-x", ...files], { encoding: "utf8", cwd: assets });
    expect([checked.error?.message, checked.stdout, checked.status]).toEqual([undefined, "", 0]);
  });

  test("shellcheck finds a planted fault", () => {
    const checked = spawnSync("shellcheck", ["-x", "-"], {
      input: "#!/usr/bin/env bash\nset -euo pipefail\nrm -rf $1/*\n",
      encoding: "utf8",
    });
    expect(checked.status).toBe(1);
  });

  test.each(scripts.map((path) => path.slice(root.length + 1)))("%s begins as all do", (path) => {
    const text = readFileSync(join(root, path), "utf8");
    expect(text.startsWith("#!/usr/bin/env bash\n")).toBe(true);
    const first = text.split("\n").find((line) => line !== "" && !line.startsWith("#"));
    expect(first).toBe("set -euo pipefail");
  });

  test("no package registry is named, and no sleep stands where an event could be waited for", () => {
    for (const path of filesUnder(assets).filter((file) => /\.(sh|bash|service|py)$/u.test(file))) {
      const text = readFileSync(path, "utf8");
      expect([path, /deb\.debian\.org|archive\.ubuntu|registry\.npmjs/u.test(text)]).toEqual([path, false]);
      if (/\.(sh|bash)$/u.test(path)) expect([path, /^\s*sleep /mu.test(text)]).toEqual([path, false]);
    }
  });
});

let box: string;

beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "assets-"));
});

afterEach(() => {
  rmSync(box, { recursive: true, force: true });
});

function put(path: string, text: string, mode = 0o644): string {
  const full = join(box, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text, { mode });
  return full;
}

/** A step as in a machine: a copy of the project's scripts as payload, parameters on standard input. */
function step(name: string, lines: readonly string[], env: Record<string, string> = {}) {
  const payload = join(box, "payload");
  mkdirSync(join(payload, "assets", "common"), { recursive: true });
  execFileSync("cp", ["-r", join(assets, "common", "steps"), join(payload, "assets", "common")]);
  return spawnSync("bash", [join(payload, "assets", "common", "steps", `${name}.sh`)], {
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    env: { ...process.env, APPLIANCE_ROOT: join(box, "root"), ...env },
  });
}

function bash(path: string, env: Record<string, string>, args: readonly string[] = []) {
  return spawnSync("bash", [join(root, path), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

describe("parameters", () => {
  const artifact = [
    "name=a",
    "version=1",
    "sha256=0",
    "source=artifacts/a",
    "target=/a",
    "mode=0644",
    "kind=file",
  ];

  test("every missing parameter is named at once", () => {
    const { status, stderr } = step("create-database", ["database=x"]);
    expect(status).toBe(1);
    for (const name of ["user", "character_set", "collation", "password"]) {
      expect(stderr).toContain(`parameter '${name}' is needed once`);
    }
  });

  test("an unknown parameter, a repeated one and a line without '=' are refused", () => {
    expect(step("install-artifact", [...artifact, `owner=${owner}`, "sha=1"]).stderr).toContain(
      "unknown parameter 'sha'",
    );
    expect(step("install-artifact", [...artifact, `owner=${owner}`, "name=b"]).stderr).toContain(
      "parameter 'name' is needed once",
    );
    expect(step("install-artifact", ["hello"]).stderr).toContain("a parameter line without '='");
  });

  test("a password in the wrong form is refused without being shown", () => {
    const { status, stderr } = step("create-database", [
      "database=x",
      "user=y",
      "character_set=utf8mb4",
      "collation=utf8mb4_general_ci",
      "password=it's planted",
    ]);
    expect([status, stderr.includes("planted")]).toEqual([1, false]);
    expect(stderr).toContain("the password has");
  });
});

describe("base-check", () => {
  const lines = ["os=ubuntu-24.04", "os=debian-12", "cpu=1", "memory_mib=1", "disk_gib=1"];

  test("an accepted system passes", () => {
    put("root/etc/os-release", 'ID=debian\nVERSION_ID="12"\n');
    const { stdout, stderr } = step("base-check", lines);
    // The computer that runs the tests may have another init; then this alone is told.
    if (existsSync("/run/systemd/system"))
      expect([stderr, stdout]).toEqual(["", expect.stringContaining("debian-12")]);
    else expect(stderr).toBe("base-check: systemd does not run here\n");
  });

  test("another system is named with those that are accepted; all faults are told at once", () => {
    put("root/etc/os-release", 'ID=ubuntu\nVERSION_ID="22.04"\n');
    const { status, stdout, stderr } = step("base-check", [
      ...lines.slice(0, 2),
      "cpu=9999",
      "memory_mib=99999999",
      "disk_gib=9999999",
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain(
      "the operating system is ubuntu-22.04; the appliance is built on ubuntu-24.04 or debian-12",
    );
    for (const told of ["9999 are needed", "99999999 MiB are needed", "9999999 GiB are needed"]) {
      expect(stdout + stderr).toContain(told);
    }
  });
});

describe("install-files", () => {
  test("makes directories and places files with their modes", () => {
    const made = step("install-files", [
      `directory=/opt/x|0750|${owner}`,
      `file=assets/common/steps/base-check.sh|/opt/x/check|0711|${owner}`,
    ]);
    expect([made.stderr, made.status]).toEqual(["", 0]);
    expect(statSync(join(box, "root/opt/x")).mode & 0o7777).toBe(0o750);
    expect(statSync(join(box, "root/opt/x/check")).mode & 0o7777).toBe(0o711);
  });

  test("every missing source and unknown owner is told before anything is placed", () => {
    const { status, stderr } = step("install-files", [
      "directory=/opt/x|0750|nobody-knows:root",
      `file=assets/missing|/opt/y|0644|${owner}`,
    ]);
    expect([status, existsSync(join(box, "root/opt"))]).toEqual([1, false]);
    expect(stderr).toContain("there is no user 'nobody-knows'");
    expect(stderr).toContain("assets/missing was not copied to the machine");
  });
});

describe("install-artifact", () => {
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  const lines = (given: Record<string, string>) =>
    Object.entries({ name: "a", version: "1.0", source: "artifacts/a", owner, mode: "0755", ...given }).map(
      ([name, value]) => `${name}=${value}`,
    );

  test("places a file whose digest is the manifest's", () => {
    const file = put("payload/artifacts/a", "#!/bin/sh\n");
    const placed = step(
      "install-artifact",
      lines({ sha256: digest(file), target: "/opt/bin/a", kind: "file" }),
    );
    expect([placed.stderr, placed.status]).toEqual(["", 0]);
    expect(statSync(join(box, "root/opt/bin/a")).mode & 0o7777).toBe(0o755);
    expect(readdirSync(join(box, "root/opt/bin"))).toEqual(["a"]);
  });

  test("refuses another digest, names both, and leaves what was there", () => {
    put("payload/artifacts/a", "planted");
    put("root/opt/bin/a", "old");
    const wrong = "0".repeat(64);
    const { status, stderr } = step(
      "install-artifact",
      lines({ sha256: wrong, target: "/opt/bin/a", kind: "file" }),
    );
    expect(status).toBe(1);
    expect(stderr).toContain(createHash("sha256").update("planted").digest("hex"));
    expect(stderr).toContain(wrong);
    expect(readFileSync(join(box, "root/opt/bin/a"), "utf8")).toBe("old");
    expect(readdirSync(join(box, "root/opt/bin"))).toEqual(["a"]);
  });

  test("unpacks a tar over what was there before, links as links", () => {
    put("content/bin/tool", "tool");
    symlinkSync("bin/tool", join(box, "content/link"));
    mkdirSync(join(box, "payload/artifacts"), { recursive: true });
    const file = join(box, "payload/artifacts/a");
    execFileSync("tar", ["-C", join(box, "content"), "-czf", file, "."]);
    put("root/opt/gui/stale", "stale");
    const placed = step("install-artifact", lines({ sha256: digest(file), target: "/opt/gui", kind: "tar" }));
    expect([placed.stderr, placed.status]).toEqual(["", 0]);
    expect(readdirSync(join(box, "root/opt/gui")).sort()).toEqual(["bin", "link"]);
    expect(lstatSync(join(box, "root/opt/gui/link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(box, "root/opt"))).toEqual(["gui"]);
  });

  test("a source that was not copied, and one that cannot be downloaded, are told as such", () => {
    const given = { sha256: "0".repeat(64), target: "/opt/a", kind: "file" };
    expect(step("install-artifact", lines(given)).stderr).toContain(
      "artifacts/a was not copied to the machine",
    );
    const url = step("install-artifact", lines({ ...given, source: "file:///nowhere/a" }));
    expect(url.stderr).toContain("cannot download file:///nowhere/a");
  });
});

describe("secrets", () => {
  const lines = [
    "path=/etc/planted/a.env",
    `owner=${owner}`,
    "line=KEY=a/b+c&d=",
    "line=PLAIN=1",
    "template=KEY={credentialKey}",
    "template=PLAIN=1",
  ];

  test("a secret file is its owner's alone; the first boot finds it without the secret", () => {
    const written = step("write-secret-file", lines);
    expect([written.stderr, written.stdout, written.status]).toEqual(["", "", 0]);
    const file = join(box, "root/etc/planted/a.env");
    expect(readFileSync(file, "utf8")).toBe("KEY=a/b+c&d=\nPLAIN=1\n");
    expect(statSync(file).mode & 0o7777).toBe(0o600);
    const template = join(box, "root/etc/ossea/secret-templates/etc/planted/a.env");
    expect(readFileSync(template, "utf8")).toBe("KEY={credentialKey}\nPLAIN=1\n");
    expect(readdirSync(dirname(file))).toEqual(["a.env"]);
  });

  test("the seal removes the secret file and keeps the other", () => {
    step("write-secret-file", lines);
    const sealed = bash("assets/common/seal/30-secrets.sh", { APPLIANCE_ROOT: join(box, "root") });
    expect([sealed.stderr, sealed.status]).toEqual(["", 0]);
    expect(existsSync(join(box, "root/etc/planted/a.env"))).toBe(false);
    expect(existsSync(join(box, "root/etc/ossea/secret-templates/etc/planted/a.env"))).toBe(true);
  });
});

describe("seal operations that only touch files", () => {
  const cases: [string, Record<string, string>, readonly string[]][] = [
    ["40-packages", { "var/lib/apt/lists/mirror_Packages": "x", "var/cache/apt/archives/a.deb": "x" }, []],
    [
      "50-histories",
      { "root/.bash_history": "x", "home/a/.mysql_history": "x", "home/a/.npm/x": "x" },
      ["home/a/.bashrc"],
    ],
    [
      "60-temporary-files",
      { "tmp/x": "x", "var/tmp/y/z": "x", "var/lib/systemd/coredump/c": "x" },
      ["var/tmp/appliance/keep"],
    ],
    ["70-network-identity", { "etc/hostname": "x", "var/lib/dhcp/lease": "x" }, ["etc/hosts"]],
    ["75-random-seed", { "var/lib/systemd/random-seed": "x" }, []],
    [
      "80-logs",
      { "var/log/journal/abc/system.journal": "x", "var/log/apt/history.log.1.gz": "x" },
      ["var/log/dpkg.log"],
    ],
  ];

  test.each(cases)("%s", (name, planted, kept) => {
    for (const folder of ["tmp", "var/tmp", "var/log", "root", "home", "etc"]) {
      mkdirSync(join(box, "root", folder), { recursive: true });
    }
    for (const [path, text] of Object.entries(planted)) put(`root/${path}`, text);
    for (const path of ["etc/hosts", ...kept]) put(`root/${path}`, "127.0.1.1 build\n127.0.0.1 localhost\n");
    const sealed = bash(`assets/common/seal/${name}.sh`, { APPLIANCE_ROOT: join(box, "root") });
    expect([sealed.stderr, sealed.status]).toEqual(["", 0]);
    for (const path of Object.keys(planted))
      expect([path, existsSync(join(box, "root", path))]).toEqual([path, false]);
    for (const path of kept) expect([path, existsSync(join(box, "root", path))]).toEqual([path, true]);
  });

  test("the machine id becomes empty, not absent", () => {
    put("root/etc/machine-id", "0123\n");
    put("root/var/lib/dbus/machine-id", "0123\n");
    bash("assets/common/seal/95-machine-id.sh", { APPLIANCE_ROOT: join(box, "root") });
    expect(readFileSync(join(box, "root/etc/machine-id"), "utf8")).toBe("");
    expect(lstatSync(join(box, "root/var/lib/dbus/machine-id")).isSymbolicLink()).toBe(true);
  });

  test("a machine that is no build machine is not sealed", () => {
    const { status, stderr } = bash("assets/common/seal/10-services.sh", {});
    expect([status, stderr]).toEqual([1, "this is no build machine; the seal would destroy its identity\n"]);
  });
});

describe("first boot", () => {
  function operation(name: string, body: string): void {
    put(`operations/${name}.sh`, `#!/usr/bin/env bash\n# title: ${name}\nset -euo pipefail\n${body}\n`);
  }
  function boot(first = "1", last = "99") {
    put("etc/sealed", "");
    return again(first, last);
  }
  function again(first = "1", last = "99") {
    return bash(
      "assets/common/first-boot/run-operations.sh",
      {
        OSSEA_OPERATIONS: join(box, "operations"),
        OSSEA_DONE: join(box, "done"),
        OSSEA_SEALED: join(box, "etc/sealed"),
      },
      [first, last],
    );
  }
  const ran = () => (existsSync(join(box, "ran")) ? readFileSync(join(box, "ran"), "utf8") : "");
  const note = (word: string) => `printf '${word} ' >> ${join(box, "ran")}`;

  test("operations run in their order, once, and the seal's mark goes when all are done", () => {
    operation("20-b", note("b"));
    operation("10-a", note("a"));
    operation("60-c", note("c"));
    expect(boot("1", "59").status).toBe(0);
    expect([ran(), existsSync(join(box, "etc/sealed"))]).toEqual(["a b ", true]);
    const rest = again("60", "99");
    expect([ran(), existsSync(join(box, "etc/sealed"))]).toEqual(["a b c ", false]);
    expect(rest.stdout).toContain("first boot: complete");
    again();
    expect(ran()).toBe("a b c ");
  });

  test("after a power cut in the middle the next boot goes on with the operation that was cut", () => {
    operation("10-a", note("a"));
    operation(
      "20-b",
      `${note("b")}\nif [[ ! -e ${box}/second ]]; then touch ${box}/second; kill -9 $PPID; fi`,
    );
    operation("30-c", note("c"));
    expect(boot().signal).toBe("SIGKILL");
    expect(again().status).toBe(0);
    expect(ran()).toBe("a b b c ");
  });

  test("what lacks the network is tried again at the next boot; what fails is told, the others still run", () => {
    operation("10-a", "exit 75");
    operation("20-b", "exit 3");
    operation("30-c", note("c"));
    const booted = boot();
    expect([booted.status, ran(), existsSync(join(box, "etc/sealed"))]).toEqual([1, "c ", true]);
    expect(booted.stdout).toContain("10-a: not possible now, tried again at the next boot");
    expect(booted.stderr).toContain("20-b: failed with 3");
  });

  test("the signature of a host key is the one that the program checks", () => {
    const token = "00ff".repeat(16);
    const keys = join(box, "ssh");
    mkdirSync(keys);
    for (const type of ["ed25519", "ecdsa"]) {
      execFileSync("ssh-keygen", [
        "-q",
        "-t",
        type,
        "-N",
        "",
        "-C",
        "",
        "-f",
        join(keys, `ssh_host_${type}_key`),
      ]);
    }
    const sign = (input: string) =>
      spawnSync("python3", [join(assets, "common/first-boot/attest.py"), keys], { input, encoding: "utf8" })
        .stdout;
    const text = sign(`# x\nossea-attestation-token: ${token}\n`);
    expect(text.trim().split("\n")).toHaveLength(2);
    for (const type of ["ed25519", "ecdsa"]) {
      const key = readFileSync(join(keys, `ssh_host_${type}_key.pub`), "utf8").trim();
      expect(isAttested(text, token, key)).toBe(true);
      expect(text).toContain(attestationOf(token, key));
      expect(isAttested(text, "11".repeat(32), key)).toBe(false);
    }
    expect(sign("hostname: x\n")).toBe("");
  });
});
