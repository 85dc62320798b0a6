/** The provider as others get it: one archive, installed by the real engine, which answers as the sources do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { provider, refuseOldNode } from "../../providers/cloudstack/provider.ts";
import { run } from "../../toolchain/process.ts";
import { pathsOf, root } from "../../toolchain/project.ts";
import { bundleProvider } from "../../toolchain/sdk/bundle.ts";
import { connect, engineFor } from "./support/engine.ts";

const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
const own = mkdtempSync(join(tmpdir(), "plugin-"));
afterAll(() => {
  for (const folder of [home, own]) rmSync(folder, { recursive: true });
});

test("one command makes it, pulumi installs it, and its schema is the sources'", async () => {
  const { archive, version } = await bundleProvider({ ...pathsOf(root), own });
  const installed = await run(
    "pulumi",
    ["plugin", "install", "resource", "cloudstack", version, "--file", archive],
    { env: { ...process.env, PULUMI_HOME: home } },
  );
  expect(installed.code, installed.stderr).toBe(0);
  const program = join(home, "plugins", `resource-cloudstack-v${version}`, "pulumi-resource-cloudstack");
  const child = spawn(program, [], { cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const started = readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0");
  const ofSources = readFileSync(join(root, "providers/cloudstack/pulumi-resource-cloudstack"), "utf8");
  const flags = started.filter((word) => word.startsWith("--max-"));
  expect(flags).toEqual(ofSources.match(/--max-[\w=-]+/gu));
  const plugin = connect(Number(port.toString()));
  const sources = await engineFor(provider);
  try {
    expect(await plugin.schema()).toEqual(await sources.schema());
    await plugin.configure({ apiUrl: "http://127.0.0.1:9/client/api", apiKey: "k", secretKey: "s" });
    const faults = await plugin.check("urn:pulumi:s::p::cloudstack:index:Volume::v", { size: 0 });
    expect(Object.keys(faults.faults).sort()).toEqual(["diskOfferingId", "size", "zoneId"]);
    expect(() => refuseOldNode("20.20.2")).toThrow(
      "this is Node.js 20.20.2, and it needs Node.js 24 or newer",
    );
  } finally {
    plugin.close();
    sources.close();
    child.kill("SIGKILL");
  }
});
