/** Scripts that run in a machine: their form, and what those do that need no machine. */

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
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

/** An operation of the seal on a folder that stands for a build machine. */
function seal(name: string) {
  put("root/etc/ossea/build-machine", "");
  if (!existsSync(join(box, "root/etc/passwd"))) put("root/etc/passwd", passwd);
  return bash(`assets/common/seal/${name}.sh`, { APPLIANCE_ROOT: join(box, "root") });
}

const passwd = [
  "root:x:0:0::/root:/bin/bash",
  "a:x:1000:1000::/home/a:/bin/bash",
  "bin:x:2:2::/bin:/sbin/nologin",
  "",
].join("\n");

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

  test("links are absolute, replace what stood there, and may lead to what comes later", () => {
    put("root/usr/bin/kit", "old");
    const line = "link=/usr/bin/kit|/opt/bin/kit";
    for (const made of [step("install-files", [line]), step("install-files", [line])]) {
      expect([made.stderr, made.status]).toEqual(["", 0]);
    }
    expect(readlinkSync(join(box, "root/usr/bin/kit"))).toBe("/opt/bin/kit");
    const relative = step("install-files", ["link=/usr/lib/a.so|a.so.1"]);
    expect([relative.status, relative.stderr]).toEqual([
      1,
      expect.stringContaining("not two absolute paths"),
    ]);
    mkdirSync(join(box, "root/opt/folder"), { recursive: true });
    expect(step("install-files", ["link=/opt/folder|/opt/bin"]).stderr).toContain("is a folder, and no link");
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

  test("refuses a build of which the first digits of its MD5 are known, and one that is not the known one", () => {
    const file = put("payload/artifacts/a", "planted");
    const md5 = createHash("md5").update("planted").digest("hex").slice(0, 8);
    const given = { sha256: digest(file), target: "/opt/bin/a", kind: "file" };
    const refused = step("install-artifact", lines({ ...given, refused_md5: `${md5}|it mixes up disks` }));
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("it mixes up disks")]);
    expect(step("install-artifact", lines({ ...given, md5: "00000000" })).stderr).toContain("has 00000000");
    expect(existsSync(join(box, "root/opt/bin/a"))).toBe(false);
    expect(step("install-artifact", lines({ ...given, md5, refused_md5: "00000000|other" })).status).toBe(0);
  });

  test("takes leading folders off a tar's members", () => {
    put("content/vendor-distrib/lib64/library", "x");
    mkdirSync(join(box, "payload/artifacts"), { recursive: true });
    const file = join(box, "payload/artifacts/a");
    execFileSync("tar", ["-C", join(box, "content"), "-czf", file, "."]);
    const given = { sha256: digest(file), target: "/opt/vendor", kind: "tar", strip: "2" };
    expect(step("install-artifact", lines(given)).status).toBe(0);
    expect(readdirSync(join(box, "root/opt/vendor"))).toEqual(["lib64"]);
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

  test("refuses what is another kind of file than was expected, though its digest is the manifest's", () => {
    const file = put("payload/artifacts/a", `${"x".repeat(100)}CD001`);
    const given = lines({ sha256: digest(file), target: "/opt/a", kind: "file" });
    const placed = (...more: string[]) => step("install-artifact", [...given, ...more]);
    expect(placed("signature=99|CD001").stderr).toContain("byte 99 does not begin 'CD001'");
    expect(placed("at_least=1000").stderr).toContain("a has 105 bytes; at least 1000 were expected");
    expect(existsSync(join(box, "root/opt/a"))).toBe(false);
    expect(placed("signature=100|CD001", "at_least=105")).toMatchObject({ status: 0, stderr: "" });
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

describe("install-packages", () => {
  test("every package that the sources do not have is named, and none is installed", () => {
    const programs = {
      systemctl: "true",
      "systemd-run": "true",
      "apt-get": `echo "$@" >>${box}/asked`,
      "apt-cache": "printf 'curl:\\n  Installed: (none)\\n  Candidate: 7\\nold:\\n  Candidate: (none)\\n'",
    };
    for (const [name, body] of Object.entries(programs)) put(`bin/${name}`, `#!/bin/sh\n${body}\n`, 0o755);
    const path = { PATH: `${join(box, "bin")}:${process.env.PATH}` };
    const { status, stderr } = step(
      "install-packages",
      ["package=curl", "package=virtio-win", "package=old"],
      path,
    );
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      "install-packages: the machine's package sources have no old",
      "install-packages: the machine's package sources have no virtio-win",
    ]);
    expect(readFileSync(join(box, "asked"), "utf8")).not.toContain("install --");
  });
});

describe("install-firewall", () => {
  test("writes one file that opens the ports for both families, after nft found it good", () => {
    const { status, stderr } = step("install-firewall", ["port=22", "port=3001"]);
    expect([stderr, status]).toEqual(["", 0]);
    const file = join(box, "root/etc/nftables.conf");
    expect(readFileSync(file, "utf8")).toContain("define offered = { 22, 3001 }\n");
    // In a network of its own, as at the boot of a machine.
    const loaded = execFileSync(
      "unshare",
      ["--net", "sh", "-c", `nft -f ${file} && nft -f ${file} && nft list ruleset`],
      {
        encoding: "utf8",
      },
    );
    for (const words of [
      "table inet ossea",
      "elements = { 22, 3001 }",
      "hook input priority filter; policy drop",
    ]) {
      expect(loaded).toContain(words);
    }
    expect(loaded.match(/counter packets/gu)).toHaveLength(1);
  });

  test("no port, and what is none, are refused before anything is written", () => {
    expect(step("install-firewall", []).stderr).toContain("nobody would reach the machine");
    const { stderr } = step("install-firewall", ["port=22", "port=70000", "port=ssh"]);
    expect(stderr).toContain("'70000' is not a port");
    expect(stderr).toContain("'ssh' is not a port");
    expect(existsSync(join(box, "root/etc/nftables.conf"))).toBe(false);
  });
});

describe("keys of the enrolled VMAs", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC0xwrbGZrdQ";
  const enrolled = (...args: string[]) =>
    bash("assets/oma/tunnel/enrolled-keys.sh", { OSSEA_ENROLLED: join(box, "vmas") }, args);

  test("each is bound to its own port and to nothing else", () => {
    put("vmas/vma-1", `key=${key}a root@vma\nport=9081\n`);
    put("vmas/vma-2", `port=9096\nkey=${key}b\n`);
    expect(enrolled("vma_tunnel").stdout.trim().split("\n")).toEqual([
      `restrict,port-forwarding,permitlisten="127.0.0.1:9081" ${key}a vma-1`,
      `restrict,port-forwarding,permitlisten="127.0.0.1:9096" ${key}b vma-2`,
    ]);
    expect(enrolled("--faults").stdout).toBe("");
  });

  test.each([
    ["options before the key", "bad", `key=command="sh" ${key}\nport=9082`, "the key is not one line"],
    ["two keys", "bad", `key=${key}\nkey=${key}x\nport=9082`, "the key is not one line"],
    ["no key", "bad", "port=9082", "the key is not one line"],
    ["a port of a service", "bad", `key=${key}\nport=8082`, "the port is none of 9081 to 9096"],
    ["two ports", "bad", `key=${key}\nport=9082\nport=9083`, "the port is none of"],
    ["another's port", "zbad", `key=${key}x\nport=9081`, "the port is that of good"],
    ["another's key", "zbad", `key=${key}good\nport=9082`, "the key is that of good"],
    [
      "a name that sshd would read as options",
      "b d",
      `key=${key}\nport=9082`,
      "the name has other characters",
    ],
  ])("%s opens nothing, is told, and does not shut out the others", (_what, name, text, told) => {
    put("vmas/good", `key=${key}good\nport=9081\n`);
    put(`vmas/${name}`, `${text}\n`);
    expect(enrolled("vma_tunnel").stdout).toBe(
      `restrict,port-forwarding,permitlisten="127.0.0.1:9081" ${key}good good\n`,
    );
    const faults = enrolled("--faults").stdout.trim().split("\n");
    expect([faults.length, faults[0]]).toEqual([1, expect.stringContaining(told)]);
  });

  test("sshd allows the ports that can be given, and no other", () => {
    const config = readFileSync(join(assets, "oma/ssh/90-vma-tunnel.conf"), "utf8");
    const allowed = /PermitListen (.*)/u.exec(config)?.[1]?.split(" ");
    expect(allowed).toEqual(Array.from({ length: 16 }, (_each, index) => `127.0.0.1:${9081 + index}`));
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
    const sealed = seal("30-secrets");
    expect([sealed.stderr, sealed.status]).toEqual(["", 0]);
    expect(existsSync(join(box, "root/etc/planted/a.env"))).toBe(false);
    expect(existsSync(join(box, "root/etc/ossea/secret-templates/etc/planted/a.env"))).toBe(true);
  });
});

describe("seal", () => {
  /** Operation, what goes, what stays. */
  const cases: [string, readonly string[], readonly string[]][] = [
    [
      "20-database-account",
      ["var/lib/mysql/host-bin.000001", "var/lib/mysql/host.err"],
      ["var/lib/mysql/ibdata1"],
    ],
    [
      "35-tls",
      ["etc/ssl/private/ssl-cert-snakeoil.key", "etc/ssl/certs/ssl-cert-snakeoil.pem"],
      ["etc/ssl/certs/ca.pem"],
    ],
    ["40-packages", ["var/lib/apt/lists/mirror_Packages", "var/cache/apt/archives/a.deb"], []],
    [
      "45-credentials",
      ["root/.netrc", "home/a/.aws/credentials", "home/a/.ssh/id_ed25519", "home/a/.config/gh/hosts.yml"],
      ["home/a/.ssh/authorized_keys"],
    ],
    ["50-histories", ["root/.bash_history", "home/a/.mysql_history", "home/a/.npm/x"], ["home/a/.bashrc"]],
    [
      "55-mail-and-schedules",
      ["var/mail/a", "var/spool/cron/crontabs/a", "var/lib/systemd/timers/stamp-apt-daily.timer"],
      ["etc/cron.d/e2scrub_all"],
    ],
    [
      "60-temporary-files",
      ["tmp/x", "var/tmp/y/z", "var/lib/systemd/coredump/c", "etc/hosts.bak", "etc/ssh/sshd_config.dpkg-old"],
      ["var/tmp/appliance/keep"],
    ],
    [
      "65-registrations",
      ["var/lib/ubuntu-advantage/private/machine-token.json", "var/lib/whoopsie/whoopsie-id"],
      [],
    ],
    [
      "70-network-identity",
      ["etc/hostname", "etc/machine-info", "var/lib/dhcp/lease", "etc/netplan/50-cloud-init.yaml"],
      ["etc/netplan/01-netcfg.yaml"],
    ],
    ["75-random-seed", ["var/lib/systemd/random-seed", "var/lib/systemd/credential.secret"], []],
    ["80-logs", ["var/log/journal/abc/system.journal", "var/log/apt/history.log.1.gz"], ["var/log/dpkg.log"]],
    [
      "96-access",
      [
        "etc/ssh/ssh_host_rsa_key",
        "home/a/.ssh/authorized_keys",
        "home/ossea-build/x",
        "etc/shadow-",
        "etc/sudoers.d/made",
      ],
      ["etc/ssh/sshd_config", "etc/sudoers.d/kept"],
    ],
    ["99-build-mark", ["etc/ossea/build-machine"], []],
  ];

  function buildMachine(gone: readonly string[], kept: readonly string[]): void {
    for (const folder of ["tmp", "var/tmp", "var/log", "root", "home", "etc"]) {
      mkdirSync(join(box, "root", folder), { recursive: true });
    }
    for (const path of gone) put(`root/${path}`, "ossea-build ALL=(ALL) NOPASSWD:ALL\n");
    for (const path of ["etc/hosts", ...kept]) put(`root/${path}`, "127.0.1.1 build\n127.0.0.1 localhost\n");
    put("root/etc/shadow", "root:*:1::::::\na:$y$hash:1::::::\nb::1::::::\nc:!:1::::::\n");
  }

  test.each(cases)("%s takes away what it names and nothing else", (name, gone, kept) => {
    buildMachine(gone, kept);
    const sealed = seal(name);
    expect([sealed.stderr, sealed.status]).toEqual(["", 0]);
    const there = (path: string) => [path, existsSync(join(box, "root", path))];
    expect(gone.map(there)).toEqual(gone.map((path) => [path, false]));
    expect(kept.map(there)).toEqual(kept.map((path) => [path, true]));
  });

  test("a machine without the mark of a build machine is refused by every operation, and nothing of it is touched", () => {
    put("root/etc/machine-id", "0123\n");
    put("root/etc/passwd", passwd);
    for (const path of scripts.filter((script) => script.includes("/seal/"))) {
      const { status, stderr } = bash(path.slice(root.length + 1), { APPLIANCE_ROOT: join(box, "root") });
      expect([path, status, stderr]).toEqual([path, 1, expect.stringContaining("this is no build machine")]);
    }
    expect(readFileSync(join(box, "root/etc/machine-id"), "utf8")).toBe("0123\n");
  });

  test("an appliance is not marked as a build machine", () => {
    put("root/var/lib/ossea/sealed-at", "");
    const { status, stderr } = step("mark-build-machine", []);
    expect([status, stderr]).toEqual([1, expect.stringContaining("it is an appliance already")]);
    rmSync(join(box, "root/var/lib/ossea/sealed-at"));
    expect(step("mark-build-machine", []).status).toBe(0);
    expect(existsSync(join(box, "root/etc/ossea/build-machine"))).toBe(true);
  });

  test("the runner tells how long each operation took, and stops at the first that fails, naming it", () => {
    const payload = join(box, "payload/assets/common");
    mkdirSync(payload, { recursive: true });
    execFileSync("cp", ["-r", join(assets, "common/seal"), join(assets, "common/steps"), payload]);
    put("payload/assets/10-bad.sh", "# title: Bad\nexit 7\n");
    put("root/etc/ossea/build-machine", "");
    put("root/etc/passwd", passwd);
    const run = (...names: string[]) =>
      spawnSync("bash", [join(payload, "seal/run-seal.sh")], {
        input: names.map((name) => `operation=assets/${name}\n`).join(""),
        encoding: "utf8",
        env: { ...process.env, APPLIANCE_ROOT: join(box, "root") },
      });
    const done = run("common/seal/40-packages.sh", "common/seal/99-build-mark.sh");
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expect(done.stdout).toMatch(
      /^seal: Package lists and archives: \d+ ms\nseal: The mark of a build machine: \d+ ms\nseal: complete in \d+ ms\n$/u,
    );
    expect(run("common/seal/40-packages.sh").stderr).toContain("this is no build machine");
    put("root/etc/ossea/build-machine", "");
    const failed = run("10-bad.sh", "common/seal/99-build-mark.sh");
    expect([failed.status, failed.stderr]).toEqual([1, "run-seal: 10-bad.sh (Bad) failed with 7\n"]);
    expect(existsSync(join(box, "root/etc/ossea/build-machine"))).toBe(true);
    expect(run("common/seal/11-missing.sh").stderr).toContain("11-missing.sh was not copied to the machine");
  });

  test("a private key anywhere is named and stops the seal, whatever the file is called", () => {
    buildMachine([], []);
    put("root/etc/app/notes.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
    const { status, stderr } = seal("45-credentials");
    expect([status, stderr]).toEqual([1, expect.stringContaining("/etc/app/notes.txt")]);
  });

  test("what is erased is overwritten before it is deleted", () => {
    buildMachine([], []);
    const secret = put("root/root/.netrc", "password planted");
    const open = openSync(secret, "r");
    expect(seal("45-credentials").status).toBe(0);
    expect([existsSync(secret), readFileSync(open, "latin1").replaceAll("\0", "")]).toEqual([false, ""]);
    closeSync(open);
  });

  test("a password that somebody has set, and one that is empty, open nothing any more", () => {
    buildMachine([], []);
    expect(seal("96-access").status).toBe(0);
    const shadow = readFileSync(join(box, "root/etc/shadow"), "utf8");
    expect(shadow).toBe("root:*:1::::::\na:!:1::::::\nb:!:1::::::\nc:!:1::::::\n");
  });

  test("the machine id becomes empty, not absent", () => {
    put("root/etc/machine-id", "0123\n");
    put("root/var/lib/dbus/machine-id", "0123\n");
    expect(seal("95-machine-id").status).toBe(0);
    expect(readFileSync(join(box, "root/etc/machine-id"), "utf8")).toBe("");
    expect(lstatSync(join(box, "root/var/lib/dbus/machine-id")).isSymbolicLink()).toBe(true);
  });
});

describe("first boot", () => {
  function operation(name: string, body: string): void {
    put(`operations/${name}.sh`, `#!/usr/bin/env bash\n# title: ${name}\nset -euo pipefail\n${body}\n`);
  }
  function boot() {
    put("etc/sealed", "");
    return again();
  }
  function again() {
    return bash("assets/common/first-boot/run-operations.sh", {
      OSSEA_OPERATIONS: join(box, "operations"),
      OSSEA_DONE: join(box, "done"),
      OSSEA_SEALED: join(box, "etc/sealed"),
      OSSEA_LOG: join(box, "log"),
      OSSEA_CONSOLE: "/dev/null",
    });
  }
  const ran = () => (existsSync(join(box, "ran")) ? readFileSync(join(box, "ran"), "utf8") : "");
  const note = (word: string) => `printf '${word} ' >> ${join(box, "ran")}`;

  test("operations run in their order, once, and the seal's mark goes when all are done", () => {
    operation("20-b", note("b"));
    operation("10-a", note("a"));
    operation("60-c", `${note("c")}; echo what it did`);
    const booted = boot();
    expect([booted.stderr, booted.status]).toEqual(["", 0]);
    expect([ran(), existsSync(join(box, "etc/sealed"))]).toEqual(["a b c ", false]);
    again();
    expect(ran()).toBe("a b c ");
    const log = readFileSync(join(box, "log"), "utf8");
    for (const told of ["10-a: done in", "60-c: what it did", "complete"]) {
      expect(booted.stdout).toContain(`first boot: ${told}`);
      expect(log).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d ${told}`, "mu"));
    }
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
    expect(booted.stdout).toContain("20-b: failed with 3");
  });

  test("a network without a metadata server holds a boot up once, and not for each operation that asks it", () => {
    mkdirSync(join(box, "asked"));
    const asks = () => {
      const program = `source ${join(assets, "common/first-boot/lib/instance.bash")}
        need_network() { :; }
        default_router() { printf '192.0.2.1\\n'; }
        curl() { printf 'asked %s\\n' "\${@: -1}" >> ${join(box, "curls")}; printf '000'; return 28; }
        metadata meta-data/local-hostname`;
      return spawnSync("bash", ["-euo", "pipefail", "-c", program], {
        encoding: "utf8",
        env: { ...process.env, OSSEA_INSTANCE: join(box, "asked") },
      });
    };
    for (const { status, stderr } of [asks(), asks()]) {
      expect([status, stderr]).toEqual([75, "no metadata server answers\n"]);
    }
    const asked = readFileSync(join(box, "curls"), "utf8").trim().split("\n");
    expect(asked.filter((line) => line.includes("//192.0.2.1/"))).toHaveLength(1);
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
