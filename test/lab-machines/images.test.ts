/** Base images: where their packages come from, what they hold, and that they are made once. Making one needs root. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { aptProxies, proxiesIn, registriesIn } from "../../lab/images/host-settings.ts";
import type { BuiltImage } from "../../lab/images/index.ts";
import { hostSources } from "../../lab/images/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "lab-images-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function etcApt(files: Readonly<Record<string, string>>): string {
  const etc = mkdtempSync(join(folder, "apt-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(etc, name)), { recursive: true });
    writeFileSync(join(etc, name), text);
  }
  return etc;
}

test("package sources are the distribution's own, in either format of apt", () => {
  const etc = etcApt({
    "sources.list":
      "# deb http://mirror.test/off bookworm main\n" +
      "deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.test/debian bookworm main contrib # ours\n" +
      "deb-src http://mirror.test/debian bookworm main\n" +
      "deb http://mirror.test/other bullseye main\n",
    "sources.list.d/debian.sources":
      "# first\nTypes: deb deb-src\nURIs: http://mirror.test/security\nSuites: bookworm-security\nComponents: main\nSigned-By:\n -----BEGIN PGP\n .\n x\n\n" +
      "Types: deb\nURIs: http://mirror.test/off\nSuites: bookworm\nComponents: main\nEnabled: no\n\n" +
      "Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-updates bookworm-backports\nComponents: main\n",
    "sources.list.d/vendor.list": "deb http://vendor.test/apt bookworm stable\n",
    "sources.list.d/old.list.save": "deb http://mirror.test/save bookworm main\n",
  });
  expect(hostSources("bookworm", etc)).toEqual([
    {
      uri: "http://mirror.test/debian",
      suite: "bookworm",
      components: ["main", "contrib"],
      signedBy: "/usr/share/keyrings/a.gpg",
    },
    { uri: "http://mirror.test/security", suite: "bookworm-security", components: ["main"] },
    { uri: "http://mirror.test/debian", suite: "bookworm-updates", components: ["main"] },
  ]);
  expect(hostSources("noble", etc)).toEqual([]);
});

test("proxies and registries come along, but none with a password and none that only the host reaches", () => {
  expect(
    aptProxies(
      [
        'Acquire::http::Proxy "http://proxy.test:3128";',
        'Acquire::https::Proxy::mirror.test "DIRECT";',
        'Acquire::http::Proxy::a.test "http://127.0.0.1:3142";',
        'Acquire::http::Proxy::b.test "http://name:secret@proxy.test";',
        'Acquire::Retries "3";',
      ].join("\n"),
    ),
  ).toEqual(['Acquire::http::Proxy "http://proxy.test:3128"', 'Acquire::https::Proxy::mirror.test "DIRECT"']);
  expect(
    proxiesIn({
      HTTPS_PROXY: "http://proxy.test:3128",
      http_proxy: "http://a:b@proxy.test",
      no_proxy: "x.test",
    }),
  ).toEqual(["https_proxy=http://proxy.test:3128", "no_proxy=x.test"]);
  expect(
    registriesIn(
      "registry = https://npm.test/\n@own:registry=https://own.test/npm\n//npm.test/:_authToken=secret\nregistry=https://a:b@npm.test\n",
    ),
  ).toEqual(["registry=https://npm.test/", "@own:registry=https://own.test/npm"]);
});

interface Making {
  child: ChildProcess;
  lines: string[];
  done: Promise<BuiltImage>;
}

function make(cache: string): Making {
  const program = join(import.meta.dirname, "support/make-image.ts");
  const child = spawn(process.execPath, [program, cache], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    lines.push(...text.split("\n").filter(Boolean));
  });
  const done = once(child, "close").then(([code]) => {
    if (code !== 0) throw new Error(`ended with ${code}: ${lines.join("\n")}`);
    return JSON.parse(lines.at(-1) ?? "") as BuiltImage;
  });
  done.catch(() => undefined);
  return { child, lines, done };
}

function processesOf(cache: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/u.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(cache);
    } catch {
      return false;
    }
  });
}

test("killed while it is made nothing goes on; then two ask at once and it is made once; it holds no identity", async () => {
  const cache = join(folder, "cache");
  const killed = make(cache);
  while (killed.lines.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(processesOf(cache).length).toBeGreaterThan(1);
  killed.child.kill("SIGKILL");
  await expect(killed.done).rejects.toThrow();
  while (processesOf(cache).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));

  const both = [make(cache), make(cache)];
  const [image, same] = await Promise.all(both.map(({ done }) => done));
  if (!image) throw new Error("no image");
  expect(same).toEqual(image);
  expect(both.filter(({ lines }) => lines.some((line) => line.startsWith("making"))).length).toBe(1);
  expect(both.filter(({ lines }) => lines.some((line) => line.endsWith("waiting"))).length).toBe(1);
  expect(readdirSync(join(cache, "ossea-appliances/images"))).toEqual([
    dirname(image.root).split("/").at(-1),
  ]);
  const third = make(cache);
  await third.done;
  expect(third.lines.length).toBe(1);

  const read = (path: string) => readFileSync(join(image.root, path), "utf8");
  expect(read("etc/machine-id")).toBe("");
  expect(readdirSync(join(image.root, "etc/ssh")).filter((name) => name.startsWith("ssh_host_"))).toEqual([]);
  const passwords = read("etc/shadow")
    .trim()
    .split("\n")
    .map((line) => line.split(":")[1]);
  expect(passwords.filter((password) => !/^[*!]+$/u.test(password ?? ""))).toEqual([]);
  expect(existsSync(join(image.root, "root/.ssh/authorized_keys"))).toBe(false);
  expect(image.templateName).toMatch(/^(Debian 12|Ubuntu 24\.04) \(lab\)$/u);
  for (const name of ["bin/wget", "usr/bin/cloud-init", "usr/bin/curl", "usr/bin/python3", "usr/bin/sudo"])
    expect(existsSync(join(image.root, name))).toBe(true);
});
