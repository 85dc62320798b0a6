/** The lab on a file system of its own that becomes full: what cannot be done is refused or fails in clear words. Needs root. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Json } from "../lab/support/client.ts";
import { LabProcess } from "../lab/support/process.ts";
import { Guests } from "./support/guests.ts";

const full = "The lab's disk is full: make room on it, then ask again";
const kibibyte = 1024;

/** A small disk in a file, as a host's own may be. */
class SmallDisk {
  readonly #folder = mkdtempSync(join(tmpdir(), "lab-small-"));
  readonly place = join(this.#folder, "disk");

  constructor(mebibytes: number) {
    const image = join(this.#folder, "image");
    execFileSync("truncate", ["--size", `${mebibytes}M`, image]);
    execFileSync("mkfs.ext4", ["-q", "-m", "0", image]);
    execFileSync("mkdir", [this.place]);
    execFileSync("mount", ["-o", "loop", image, this.place]);
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.place);
    return bavail * bsize;
  }

  /** @returns what makes room again */
  fill(left: number): () => void {
    const path = join(this.place, "filler");
    const file = openSync(path, "w");
    // In large pieces while there is much room, then in the smallest that a file grows by.
    try {
      for (;;) {
        const room = this.free - left;
        if (room <= 0) break;
        const size = room > 4 * kibibyte ** 2 ? kibibyte ** 2 : 4 * kibibyte;
        writeSync(file, Buffer.alloc(size, 1));
        if (size < kibibyte ** 2) fsyncSync(file);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
    return () => rmSync(path);
  }

  end(): void {
    execFileSync("umount", [this.place]);
    rmdirSync(this.place);
    rmSync(this.#folder, { recursive: true });
  }
}

const small = new SmallDisk(16);
const large = new SmallDisk(400);
const rows = new LabProcess("none", small.place);
const lab = new LabProcess("nspawn", large.place);
const guests = new Guests();
let client: Client;

beforeAll(async () => {
  client = await lab.up();
  await guests.register(client);
});
afterAll(async () => {
  await rows.end();
  await lab.end();
  small.end();
  large.end();
  guests.end();
});

async function volumeOf(by: Client, id: string): Promise<string> {
  return (await by.call("listVolumes", { virtualmachineid: id })).volume[0].id;
}

test("whatever room is left, a capture is refused, fails or succeeds, and nothing stays between", async () => {
  const cloud = await rows.up();
  const { ostypeid } = await cloud.world();
  const { id } = await cloud.deploy({ name: "vm" });
  await cloud.job("stopVirtualMachine", { id });
  const volumeid = await volumeOf(cloud, id);
  const outcomes = new Set<string>();
  const pid = await rows.pid();
  for (const left of [0, 4, 8, 12, 16, 24, 32, 64, 256, 1024, 4096]) {
    const before = await cloud.call("listTemplates", { templatefilter: "self" });
    const makeRoom = small.fill(left * kibibyte);
    const outcome = await capture(cloud, { name: `t${left}`, ostypeid, volumeid });
    // Reading goes on, and is not lied to.
    const after = await cloud.call("listTemplates", { templatefilter: "self" });
    const { asyncjobs = [] } = await cloud.call("listAsyncJobs");
    makeRoom();
    outcomes.add(outcome);
    expect([left, after.count ?? 0]).toEqual([left, (before.count ?? 0) + (outcome === "done" ? 1 : 0)]);
    expect(asyncjobs.filter((job: Json) => job.jobstatus === 0)).toEqual([]);
  }
  expect([...outcomes]).toEqual(expect.arrayContaining(["refused", "failed", "done"]));
  expect(await rows.pid()).toBe(pid);
  await rows.kill();
  const again = await rows.up();
  const { template } = await again.call("listTemplates", { templatefilter: "self" });
  for (const row of template) await again.job("deleteTemplate", { id: row.id });
  await again.job("destroyVirtualMachine", { id, expunge: true });
  await expect.poll(() => readdirSync(join(rows.home, "none", "layers"))).toEqual([]);
});

async function capture(cloud: Client, fields: Json): Promise<"refused" | "failed" | "done"> {
  let jobid: string;
  try {
    ({ jobid } = await cloud.call("createTemplate", fields));
  } catch (error) {
    expect(error).toMatchObject({ code: 530, message: full });
    return "refused";
  }
  const job = await cloud.done(jobid);
  if (job.jobstatus === 1) return "done";
  expect(job).toMatchObject({
    jobresultcode: 530,
    // Noticed before the first byte is written, or while they are.
    jobresult: {
      errorcode: 530,
      errortext: expect.stringMatching(/^Failed to (copy the disk|create template): /),
    },
  });
  expect(job.jobresult.errortext).toContain(full);
  return "failed";
}

test("a disk without room for a capture: a failed job that says so, no template, no layer; the machine keeps its contents", async () => {
  const machine = await client.deploy({ name: "source", keypairs: "test" });
  await guests.login(machine.publicip, "echo kept | sudo tee /root/mark >/dev/null; sync");
  await client.job("stopVirtualMachine", { id: machine.id });
  const { ostypeid } = await client.world();
  const volumeid = await volumeOf(client, machine.id);
  const files = () =>
    // Links stay unfollowed: a base image's /dev/fd is this process's own.
    readdirSync(lab.home, { recursive: true, withFileTypes: true })
      .map(({ parentPath, name }) => relative(lab.home, join(parentPath, name)))
      .filter((path) => /^(layers|machines)/.test(path))
      .sort();
  const before = files();
  const makeRoom = large.fill(60 * kibibyte);
  expect(await capture(client, { name: "too-much", ostypeid, volumeid })).toBe("failed");
  expect(await client.call("listTemplates", { templatefilter: "self" })).toEqual({});
  expect(files()).toEqual(before);
  // A saved state finds no room either, and the lab is as it was.
  const saved = await lab.run("state", "save", "too-much");
  expect(saved.code).toBe(1);
  expect(saved.stderr).toContain("error: the state too-much is not saved\n  because: ");
  expect(saved.stderr).toContain("No space left on device");
  expect((await lab.run("state", "list")).stdout).toBe("no state is saved\n");
  makeRoom();
  expect(await capture(client, { name: "now", ostypeid, volumeid })).toBe("done");
  await client.job("startVirtualMachine", { id: machine.id });
  expect(await guests.login(machine.publicip, "sudo cat /root/mark")).toBe("kept");
  await client.job("destroyVirtualMachine", { id: machine.id, expunge: true });
});
