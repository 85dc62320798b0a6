/** The lab's process and its command line, as a user has them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHome } from "../../lab/home.ts";
import { gone, isThere, LabProcess } from "./support/process.ts";

let lab: LabProcess;

beforeEach(() => {
  lab = new LabProcess();
});
afterEach(() => lab.end());

test("up is the same when it is called again, and when two call it at once", async () => {
  const both = await Promise.all([lab.run("up", "--driver", "none"), lab.run("up", "--driver", "none")]);
  const third = await lab.run("up");
  for (const { code, stdout } of [...both, third]) {
    expect(code).toBe(0);
    expect(stdout).toContain("the lab answers at http://127.0.0.1:");
  }
  expect(new Set([...both, third].map(({ stdout }) => /answers at (.*)/.exec(stdout)?.[1])).size).toBe(1);
});

test("down ends the process, machines come back with the next up, keys and port stay", async () => {
  const client = await lab.up();
  const instance = await client.deploy({ name: "vm" });
  const stopped = await client.deploy({ name: "stopped" });
  await client.job("stopVirtualMachine", { id: stopped.id });
  const pid = await lab.pid();
  const down = await lab.run("down");
  expect(down).toMatchObject({ code: 0 });
  expect(down.stdout).toContain("vm stopped");
  expect(isThere(pid)).toBe(false);
  const file = JSON.parse(readFileSync(join(lab.home, "none", "machines", instance.id), "utf8"));
  expect(file.running).toBe(false);
  const again = await lab.up();
  expect(again.target).toEqual(client.target);
  const { virtualmachine } = await again.call("listVirtualMachines");
  expect(virtualmachine).toMatchObject([
    { name: "vm", state: "Running" },
    { name: "stopped", state: "Stopped" },
  ]);
});

test("down works when the lab's process was killed", async () => {
  const client = await lab.up();
  const instance = await client.deploy({ name: "vm" });
  await lab.kill();
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  const file = JSON.parse(readFileSync(join(lab.home, "none", "machines", instance.id), "utf8"));
  expect(file.running).toBe(false);
  const { virtualmachine } = await (await lab.up()).call("listVirtualMachines");
  expect(virtualmachine[0].state).toBe("Running");
});

test("a signal ends the process alone; the machines keep running", async () => {
  const client = await lab.up();
  const instance = await client.deploy({ name: "vm" });
  const pid = await lab.pid();
  process.kill(pid, "SIGTERM");
  await gone(pid);
  const file = JSON.parse(readFileSync(join(lab.home, "none", "machines", instance.id), "utf8"));
  expect(file.running).toBe(true);
});

test("down of a lab that never ran, and of one that is down", async () => {
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  await lab.up();
  expect(await lab.run("down")).toMatchObject({ code: 0 });
  expect(await lab.run("down")).toMatchObject({ code: 0 });
});

test("reset leaves nothing; the next lab is a new one with new keys", async () => {
  const first = await lab.up();
  await first.deploy({ name: "vm" });
  const pid = await lab.pid();
  expect(await lab.run("reset")).toMatchObject({ code: 0 });
  expect(isThere(pid)).toBe(false);
  expect(existsSync(lab.home)).toBe(false);
  const second = await lab.up();
  expect(second.target.secretKey).not.toBe(first.target.secretKey);
  expect(await second.call("listVirtualMachines")).toEqual({});
});

test("the endpoint and everything else of it is on loopback only; keys are for their owner", async () => {
  await lab.up();
  const pid = await lab.pid();
  const inodes = execFileSync("sh", ["-c", `ls -l /proc/${pid}/fd | grep -o 'socket:.*' | tr -dc '0-9\\n'`], {
    encoding: "utf8",
  });
  const own = new Set(inodes.split("\n"));
  const listening = ["tcp", "tcp6", "udp", "udp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter(
        (row) => row.length > 9 && own.has(row[9] ?? "") && (row[3] === "0A" || table.startsWith("udp")),
      )
      .map((row) => row[1]),
  );
  expect(listening).toEqual([expect.stringMatching(/^0100007F:/)]);
  expect(statSync(join(lab.home, "keys.json")).mode & 0o777).toBe(0o600);
  const { secretKey } = lab.client().target;
  expect(lab.log()).not.toContain(secretKey);
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(secretKey);
  expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(secretKey);
});

test("the control socket opens to its key alone", async () => {
  await lab.up();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sending = request(
      { socketPath: openHome(lab.home).control, path: "/down", method: "POST" },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sending.on("error", reject);
    sending.end();
  });
  expect(status).toBe(403);
  expect(await lab.run("status")).toMatchObject({ code: 0 });
});

test("a port that another program has taken meanwhile is changed, and said", async () => {
  const client = await lab.up();
  await lab.run("down");
  const port = Number(new URL(client.target.url).port);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  const { code, stdout } = await lab.run("up");
  other.close();
  expect(code).toBe(0);
  expect(stdout).toContain(`port ${port} is in use by another program`);
  expect(new URL(lab.client().target.url).port).not.toBe(String(port));
});

test("without a running lab: what is wrong and what to type", async () => {
  for (const command of [["env"], ["ssh", "vm"], ["console", "vm"], ["inject", "--list"]]) {
    const { code, stderr } = await lab.run(...command);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the lab is not running\n {2}because: .*\n {2}next: {4}npm run lab -- up/);
  }
  expect(await lab.run("status")).toMatchObject({ code: 3 });
  expect(await lab.run("status", "--json")).toMatchObject({ code: 3, stdout: "null\n" });
});

test("wrong words on the command line", async () => {
  const wrong: [string[], RegExp][] = [
    [["dance"], /no such command: dance/],
    [["up", "--driver", "vmware"], /no such driver: vmware/],
    [["ssh"], /no machine named/],
  ];
  for (const [args, text] of wrong) {
    const { code, stderr } = await lab.run(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(text);
  }
  const client = await lab.up();
  await client.deploy({ name: "vm" });
  expect((await lab.run("ssh", "nobody")).stderr).toContain("no machine is named nobody; there are: vm");
  expect((await lab.run("ssh", "vm")).stderr).toContain("this lab's driver runs no guests");
  expect((await lab.run("inject", "plague")).stderr).toContain("no such fault: plague");
  expect((await lab.run("inject", "kill", "step=dance")).stderr).toContain("the steps are:");
  expect((await lab.run("inject", "job-fails", "colour=red")).stderr).toContain("has no option colour");
});

test("env prints what clients need", async () => {
  const { target } = await lab.up();
  const { stdout } = await lab.run("env");
  expect(stdout).toBe(
    `CLOUDSTACK_API_URL=${target.url}\nCLOUDSTACK_API_KEY=${target.apiKey}\nCLOUDSTACK_SECRET_KEY=${target.secretKey}\n`,
  );
});

test("status tells endpoint, machines and templates, for people and for programs", async () => {
  const client = await lab.up();
  const instance = await client.deploy({ name: "vm" });
  const { stdout } = await lab.run("status");
  expect(stdout).toContain(client.target.url);
  expect(stdout).toMatch(/machines {2}vm {2}Running {2}127\.\d+\.\d+\.\d+/);
  expect(stdout).toContain("Debian 12 (lab)");
  const parsed = JSON.parse((await lab.run("status", "--json")).stdout);
  expect(parsed).toMatchObject({
    url: client.target.url,
    instances: [{ id: instance.id, state: "Running" }],
  });
});

test("a lab that cannot start says why", async () => {
  mkdirSync(join(lab.home, "state"), { recursive: true });
  writeFileSync(join(lab.home, "state", "snapshot.json"), "{ torn");
  const { code, stderr } = await lab.run("up", "--driver", "none");
  expect(code).toBe(1);
  expect(stderr).toContain("error: the lab failed\n  because: the lab's state in ");
  expect(stderr).toContain("next:    npm run lab -- logs");
  expect((await lab.run("logs")).stdout).toContain("JSON");
  await lab.run("reset");
  process.env.OSSEA_LAB_STOP_SECONDS = "soon";
  const wrong = await lab.run("up", "--driver", "none");
  delete process.env.OSSEA_LAB_STOP_SECONDS;
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringContaining("it is a number of seconds above 0"),
  ]);
});

test("faults on the wire: a connection that breaks before and after", async () => {
  const client = await lab.up();
  await lab.run("inject", "connection-reset-before", "command=registerSSHKeyPair");
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIESs4kuBcdhdgJZsiLaLMMe219Y99jOgHltu/RAjSoPd";
  const register = () => client.call("registerSSHKeyPair", { name: "k", publickey: key });
  await expect(register()).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await client.call("listSSHKeyPairs")).toEqual({});
  await lab.run("inject", "connection-reset-after", "command=registerSSHKeyPair");
  await expect(register()).rejects.toThrow(/hang up|ECONNRESET/);
  expect((await client.call("listSSHKeyPairs")).count).toBe(1);
});
