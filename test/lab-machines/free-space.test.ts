/** The seal's last look at the disk: what was deleted is not on it any more. Mounts small disks, which needs root. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const operation = join(import.meta.dirname, "../../assets/common/seal/98-free-space.sh");
const secret = "a deleted secret of the build";
let box: string;

beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "free-space-"));
  mkdirSync(join(box, "root"));
  mkdirSync(join(box, "bin"));
});
afterEach(() => rmSync(box, { recursive: true }));

/** Seals a disk on which a secret and 16 MiB were written and deleted; `then` is run before it is unmounted. */
function sealed(then = "true") {
  const script = [
    `truncate --size=64M disk; mkfs.ext4 -q -F disk; mount -o loop disk root; mkdir -p root/etc/ossea; touch root/etc/ossea/build-machine root/etc/passwd`,
    `echo '${secret}' >root/gone; head -c 16M /dev/urandom >root/large; sync; rm root/gone root/large; sync`,
    `grep -c '${secret}' disk`,
    `APPLIANCE_ROOT=$PWD/root PATH=$PWD/bin:$PATH bash '${operation}'; ${then}; umount root`,
  ];
  return spawnSync("unshare", ["--mount", "bash", "-euc", script.join("\n")], { cwd: box, encoding: "utf8" });
}

function disk() {
  const path = join(box, "disk");
  return { text: readFileSync(path, "latin1"), bytes: statSync(path).blocks * 512 };
}

test("free blocks are given back to the disk, which takes less room and holds nothing of them", () => {
  const done = sealed();
  expect([done.stderr, done.status]).toEqual(["", 0]);
  expect(done.stdout).toMatch(/^1\n.*\/root: free space given back\n$/u);
  const { text, bytes } = disk();
  expect(text.includes(secret)).toBe(false);
  expect(bytes).toBeLessThan(16 * 1024 ** 2);
});

test("a disk that takes nothing back is filled with zeros, and has its room again", () => {
  writeFileSync(join(box, "bin/fstrim"), "#!/bin/sh\nexit 1\n");
  chmodSync(join(box, "bin/fstrim"), 0o755);
  const done = sealed("df --output=avail --block-size=M root | tail -n 1; ls -A root");
  expect([done.stderr, done.status]).toEqual(["", 0]);
  expect(done.stdout).toContain("free space filled with zeros");
  expect(Number.parseInt(/^\s*(\d+)M$/mu.exec(done.stdout)?.[1] ?? "0", 10)).toBeGreaterThan(40);
  expect(done.stdout).not.toContain(".seal-zeros");
  expect(disk().text.includes(secret)).toBe(false);
});

test("a machine none of whose disks can be cleaned is not sealed", () => {
  mkdirSync(join(box, "root/etc/ossea"), { recursive: true });
  writeFileSync(join(box, "root/etc/ossea/build-machine"), "");
  const done = spawnSync("bash", [operation], {
    encoding: "utf8",
    env: { ...process.env, APPLIANCE_ROOT: join(box, "root") },
  });
  expect([done.status, done.stderr]).toEqual([
    1,
    "no file system of this machine can be cleaned of what was deleted\n",
  ]);
});
