/**
 * Published clients that know nothing of this project live a provider's whole life cycle against the lab. CloudMonkey
 * is not among them: its Go module is in no registry that serves builds like this one, and the last release on PyPI
 * wants Python 2.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

const run = promisify(execFile);
const lab = new LabProcess();
let client: Client;

beforeAll(async () => {
  client = await lab.up();
});
afterAll(() => lab.end());

/** Kept in the user's cache, by name and version. */
async function installed(requirement: string): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache");
  const folder = join(cache, "ossea-appliances", "clients", requirement);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  await run("pip3", ["install", "--quiet", "--no-input", "--target", making, requirement]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
  return folder;
}

test.each([
  {
    requirement: "cs==5.2.0",
    script: "cs_life.py",
    steps: [
      "look-ups, page by page",
      "key pair, network, affinity group",
      "user data and security group",
      "instance with tags",
      "address and rules",
      "volume",
      "changes in place",
      "template and snapshot",
      "everything removed",
      "events and jobs",
      "wrong keys refused",
    ],
  },
  {
    requirement: "apache-libcloud==3.9.1",
    script: "libcloud_life.py",
    steps: [
      "look-ups",
      "key pair and network",
      "instance with tags",
      "address and rules",
      "volume",
      "power",
      "everything removed",
      "wrong keys refused",
    ],
  },
])("$requirement", async ({ requirement, script, steps }) => {
  const { url, apiKey, secretKey } = client.target;
  const { stdout } = await run("python3", ["-B", join(import.meta.dirname, "clients", script)], {
    env: {
      ...process.env,
      PYTHONPATH: await installed(requirement),
      CLOUDSTACK_API_URL: url,
      CLOUDSTACK_API_KEY: apiKey,
      CLOUDSTACK_SECRET_KEY: secretKey,
    },
  });
  expect(stdout.trim().split("\n")).toEqual(steps);
});
