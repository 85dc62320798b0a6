/** Named states of a lab, there and back, whatever happens in between; and ids that repeat. */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHome } from "../../lab/home.ts";
import { stageState } from "../../lab/states.ts";
import type { Client, Json } from "./support/client.ts";
import { LabProcess } from "./support/process.ts";

let lab: LabProcess;
let client: Client;

beforeEach(() => {
  lab = new LabProcess();
});
afterEach(() => lab.end());

/** Everything that clients see, but for moments that a stop and a start move. */
async function seen(): Promise<Json> {
  const lists = [
    "listZones",
    "listVirtualMachines",
    "listVolumes",
    "listNetworks",
    "listTags",
    "listAsyncJobs",
  ];
  const all = await Promise.all([
    ...lists.map((command) => client.call(command, { listall: true })),
    client.call("listTemplates", { templatefilter: "all" }),
  ]);
  return JSON.parse(JSON.stringify(all, (key, value) => (key === "lastupdated" ? undefined : value)));
}

/** One that runs, one that is stopped, and a template of that. */
async function live(): Promise<{ running: Json; stopped: Json; template: Json }> {
  const running = await client.deploy({ name: "running" });
  const stopped = await client.deploy({ name: "stopped" });
  await client.job("stopVirtualMachine", { id: stopped.id });
  const { ostypeid } = await client.world();
  const volumeid = (await client.call("listVolumes", { virtualmachineid: stopped.id })).volume[0].id;
  const { template } = await client.job("createTemplate", { name: "captured", ostypeid, volumeid });
  return { running, stopped, template };
}

const files = (folder: string) => readdirSync(join(lab.home, "none", folder)).sort();

async function destroyAll({ running, stopped, template }: Awaited<ReturnType<typeof live>>): Promise<void> {
  for (const { id } of [running, stopped]) await client.job("destroyVirtualMachine", { id, expunge: true });
  await client.job("deleteTemplate", { id: template.id });
}

test("a state comes back as it was saved: rows, machines and layers; what came after is gone", async () => {
  client = await lab.up();
  const made = await live();
  const [before, machines, layers] = [await seen(), files("machines"), files("layers")];
  const saved = await lab.run("state", "save", "one");
  expect(saved).toMatchObject({ code: 0, stderr: "" });
  expect(saved.stdout).toContain("running stopped\n");
  expect(saved.stdout).toContain("running runs\n");
  expect(await seen()).toEqual(before);

  await destroyAll(made);
  const later = await client.deploy({ name: "later" });
  expect(files("layers")).toEqual([]);
  expect(await lab.run("state", "restore", "one")).toMatchObject({ code: 0, stderr: "" });
  expect(await seen()).toEqual(before);
  expect([files("machines"), files("layers")]).toEqual([machines, layers]);
  await expect(client.call("startVirtualMachine", { id: later.id })).rejects.toMatchObject({ code: 431 });

  // It can be lived in, restored again, and it outlives the lab's process.
  await destroyAll(made);
  await lab.kill();
  client = await lab.up();
  await lab.run("state", "restore", "one");
  expect(await seen()).toEqual(before);
  await lab.run("down");
  client = await lab.up();
  expect(await seen()).toEqual(before);
});

test("states are listed, replaced and deleted; a wrong name is refused and becomes no path", async () => {
  client = await lab.up();
  expect((await lab.run("state", "list")).stdout).toBe("no state is saved\n");
  await lab.run("state", "save", "a.1");
  await client.deploy({ name: "vm" });
  await lab.run("state", "save", "b");
  await lab.run("state", "save", "a.1");
  const { stdout } = await lab.run("state", "list");
  expect(stdout).toMatch(
    /^a\.1 {2}\S+Z {2}1 instances, 1 templates\nb {2}\S+Z {2}1 instances, 1 templates\n$/,
  );
  expect(await lab.run("state", "delete", "b")).toMatchObject({ code: 0 });
  expect(readdirSync(join(lab.home, "states"))).toEqual(["a.1"]);
  for (const act of ["restore", "delete"]) {
    const { code, stderr } = await lab.run("state", act, "b");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: no state is named b\n  because: the saved states are: a.1\n  next:    npm run lab -- state list\n",
    );
  }
  for (const name of [
    "",
    "..",
    "../a.1",
    "a/../../x",
    ".hidden",
    "-rf",
    "a b",
    "$(id)",
    "x".repeat(64),
    "a\0b",
  ]) {
    for (const act of ["saveState", "restoreState"] as const) {
      await expect(lab.control[act](name, () => undefined)).rejects.toThrow("no name for a state");
    }
    await expect(lab.control.removeState(name)).rejects.toThrow("no name for a state");
  }
  expect(readdirSync(join(lab.home, "states"))).toEqual(["a.1"]);
  expect((await lab.run("state", "dance")).stderr).toContain("the acts are: save, restore, delete, list");
});

test("requests that come meanwhile wait, and none is lost", async () => {
  client = await lab.up();
  const { ostypeid: _, ...place } = await client.world();
  await lab.control.arm("job-slow", { command: "deployVirtualMachine", seconds: "0.3", times: "50" });
  let over = false;
  const jobs: string[] = [];
  const begun = Promise.withResolvers<void>();
  const caller = async () => {
    while (!over) {
      jobs.push((await client.call("deployVirtualMachine", place)).jobid);
      begun.resolve();
      await client.call("listVirtualMachines");
    }
  };
  const callers = Array.from({ length: 4 }, caller);
  const told: string[] = [];
  await begun.promise;
  await lab.control.saveState("busy", (line) => told.push(line));
  over = true;
  await Promise.all(callers);
  for (const jobid of jobs) expect((await client.done(jobid)).jobstatus).toBe(1);
  expect(told.join("\n")).toMatch(/waiting for \d+ running jobs/);
  // No job was under way when it was saved.
  await lab.control.restoreState("busy", () => undefined);
  const { asyncjobs = [] } = await client.call("listAsyncJobs");
  expect(asyncjobs.filter((job: Json) => job.jobstatus === 0)).toEqual([]);
});

test("killed while it restores: before the state was whole beside it nothing is changed, afterwards it is ended", async () => {
  client = await lab.up();
  const made = await live();
  const then = await seen();
  await lab.run("state", "save", "one");
  await destroyAll(made);
  const now = await seen();
  const home = openHome(lab.home);

  await lab.kill();
  mkdirSync(join(home.folder, "restoring.new", "contents", "state"), { recursive: true });
  writeFileSync(join(home.folder, "restoring.new", "contents", "state", "snapshot.json"), "{ torn");
  client = await lab.up();
  expect(await seen()).toEqual(now);
  expect(existsSync(join(home.folder, "restoring.new"))).toBe(false);

  await lab.kill();
  await stageState(home, "one");
  const staged = join(home.folder, "restoring", "contents");
  // The first move was made, the others were not.
  renameSync(join(home.folder, "state"), join(home.folder, "restoring", "old"));
  renameSync(join(staged, "state"), join(home.folder, "state"));
  client = await lab.up();
  expect(await seen()).toEqual(then);
  expect(files("machines")).toHaveLength(2);
  expect(existsSync(join(home.folder, "restoring"))).toBe(false);
});

/** All ids that the lab gives in a life of one of each. */
async function idsOfALife(): Promise<string[]> {
  const { running, stopped, template } = await live();
  const tag = { resourceids: running.id, resourcetype: "UserVm", "tags[0].key": "k", "tags[0].value": "v" };
  await client.job("createTags", tag);
  const text = JSON.stringify(await seen());
  expect(text).toContain(template.id);
  expect(text).toContain(stopped.nic[0].id);
  return [...new Set(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g))].sort();
}

test("new labs with one seed have the same ids from the first on, with another one others", async () => {
  client = await lab.up("--seed", "word");
  const first = await idsOfALife();
  expect((await lab.run("up", "--seed", "word")).stderr).toContain("--seed is for a new lab");
  await lab.run("down");
  expect((await lab.run("up", "--seed", "word")).stderr).toContain("--seed is for a new lab");
  await lab.run("reset");
  client = await lab.up("--seed=word");
  expect(await idsOfALife()).toEqual(first);
  await lab.run("reset");
  client = await lab.up("--seed=other");
  const others = new Set(await idsOfALife());
  expect(first.filter((id) => others.has(id))).toEqual([]);
});

test("with a saved state and a seed a running lab repeats itself", async () => {
  client = await lab.up();
  expect((await lab.run("seed")).stdout).toBe("ids follow from nothing\n");
  await lab.run("state", "save", "start");
  expect((await lab.run("seed", "word")).stdout).toBe("ids follow from word\n");
  const first = await idsOfALife();
  // The seed belongs to the state.
  await lab.run("state", "restore", "start");
  expect((await lab.run("seed")).stdout).toBe("ids follow from nothing\n");
  await lab.run("seed", "word");
  expect(await idsOfALife()).toEqual(first);
  expect((await lab.run("seed", "--off")).stdout).toBe("ids follow from nothing\n");
});
