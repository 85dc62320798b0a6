/** The second appliance as a user builds and meets it, from `npm start -- --stack dev-vma` on. One story, told in order. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Control } from "../../lab/control/client.ts";
import { openHome } from "../../lab/home.ts";
import { ConsoleScreen } from "../support/console-screen.ts";
import { askLab } from "./support/cloud.ts";
import { cloneOf, type Outputs, outputsOf, sshTo } from "./support/stack.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

const stack = ["--stack", "dev-vma"];
let workspace: Workspace;
let made: Outputs;

beforeAll(async () => {
  workspace = await makeWorkspace();
});

afterAll(() => workspace?.remove());

const inside = async (command: string) => (await cloneOf(workspace, "vma")).inside(command);

/** The control API as the services of the appliance itself ask it. */
async function api(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const sent = body === undefined ? "" : `--data '${JSON.stringify(body)}'`;
  const said = await inside(
    `curl -s -X ${method} ${sent} -w '\\n%{http_code}' http://127.0.0.1:8081/api/v1${path}`,
  );
  const lines = said.split("\n");
  return { status: Number(lines.pop()), json: JSON.parse(lines.join("\n")) };
}

test("npm start builds, proves and captures the VMA, and prints how to reach a clone of it", async () => {
  const { code, stdout, text } = await workspace.command("start", stack);
  expect(code, text).toBe(0);
  made = await outputsOf(workspace, "dev-vma");
  expect(made.template.name).toMatch(/^vma-dev-vma-[0-9a-f]{12}$/u);
  for (const word of [made.template.id, made.connection.host, made.report]) expect(stdout).toContain(word);
  expect(made.template.diskSearch).toMatch(/none found$/u);
  expect(made.connection.database).toBeUndefined();
});

test("ssh with the printed key and the pinned host key logs in as vma; the API is shut off from the network", async () => {
  const login = await sshTo(workspace, made, "id -un && sudo -n id -u");
  expect(login).toMatchObject({ code: 0, stdout: "vma\n0\n" });
  await expect(fetch(`http://${made.connection.host}:8081/api/v1/health`)).rejects.toThrow();
});

test("the control API answers at its six endpoints, and refuses what it cannot do", async () => {
  expect(await api("GET", "/health")).toMatchObject({
    status: 200,
    json: { status: "healthy", uptime: expect.any(Number), demo: true },
  });
  const access = { vcenter: "vcenter.example", username: "reader", password: "demo" };
  expect(await api("POST", "/discover", access)).toMatchObject({ status: 200, json: { count: 2 } });
  expect(await api("POST", "/discover", {})).toMatchObject({
    status: 400,
    json: { error: "missing: vcenter, username, password" },
  });
  expect(await api("PUT", "/config", { log_level: "info" })).toMatchObject({ status: 200 });
  expect(await api("PUT", "/config", { log_level: "loud" })).toMatchObject({ status: 400 });
  expect(await api("GET", "/status/none")).toMatchObject({ status: 404 });
  expect(await api("POST", "/cleanup", { job_id: "none" })).toMatchObject({ status: 404 });
});

/** An NBD server where the tunnel's near end would be; each export is a file. */
const exportsFolder = "/srv/planted-exports";

test("a machine of two disks is replicated, each disk to the export of its own", async () => {
  await inside(
    `install -d ${exportsFolder}; truncate --size=4M ${exportsFolder}/vol-0 ${exportsFolder}/vol-1; systemd-run --quiet --unit=planted-nbd nbdkit --foreground --ipaddr=127.0.0.1 --port=10808 file dir=${exportsFolder}; timeout 20 bash -c 'until nbdinfo nbd://127.0.0.1:10808/vol-1 >/dev/null 2>&1; do :; done'`,
  );
  const disks = ["[demo] web-01/web-01.vmdk", "[demo] web-01/web-01_1.vmdk"];
  const targets = disks.map((disk, number) => ({ vm_disk: disk, export_name: `vol-${number}` }));
  const mixed = targets.map((target) => ({ ...target, export_name: "vol-0" }));
  expect(await api("POST", "/replicate", { job_id: "mixed", nbd_targets: mixed })).toMatchObject({
    status: 400,
    json: { error: "each disk needs an export of its own" },
  });
  expect(await api("POST", "/replicate", { job_id: "web-01", nbd_targets: targets })).toMatchObject({
    status: 202,
  });
  await inside(
    `timeout 60 bash -c 'while curl -s http://127.0.0.1:8081/api/v1/status/web-01 | grep -q running; do :; done'`,
  );
  expect(await api("GET", "/status/web-01")).toMatchObject({
    json: { status: "completed", error: null, disks: [{ verified: true }, { verified: true }] },
  });
  for (const [number, disk] of disks.entries()) {
    expect(await inside(`head -n 1 ${exportsFolder}/vol-${number}`)).toBe(`demo disk ${disk} sector 0`);
  }
  expect(await api("POST", "/cleanup", { job_id: "web-01" })).toMatchObject({ status: 200 });
  await inside(`systemctl stop planted-nbd; rm -r ${exportsFolder}`);
});

test("the console shows the VMA, its API at work, and that no OMA knows it yet", async () => {
  const { lab, instance } = await cloneOf(workspace, "vma");
  const { consoleSocket } = await new Control(openHome(lab)).machine(instance);
  const screen = await ConsoleScreen.open(consoleSocket);
  try {
    const shown = await screen.shows(/not enrolled[\s\S]*VMA API\s+working[\s\S]*Choose a number: $/mu);
    for (const words of ["VMA, the migration appliance", "ssh vma@"]) {
      expect(shown).toContain(words);
    }
    await screen.picture("wizard-vma");
  } finally {
    screen.close();
  }
});

test("it says what it is, that a demo library stands in for VDDK, and that it is well; support gets its bundle", async () => {
  const told = JSON.parse(await inside("runuser -u nobody -- appliance-info --json"));
  expect(told).toMatchObject({
    appliance: "vma",
    artifacts: { vddk: "demo-library-1.0.0", migratekit: expect.stringMatching(/^demo-/u) },
    packages: { nbdkit: expect.any(String) },
  });
  expect(await inside("nbdkit vddk --dump-plugin")).toContain("vddk_demo=8.0.3 (demo library, not VMware's)");
  expect(await inside("migratekit -version")).toBe("migratekit demo-1.0.0");
  const health = JSON.parse(await inside("appliance-health --format json"));
  expect([health.failed, health.passed > 60]).toEqual([0, true]);
  const bundle = (await inside("appliance-support 2>/dev/null")).split("\n").at(-1);
  expect(await inside(`tar -tzf ${bundle}`)).toContain("journal/vma-api.service.txt");
});

test("every check of the VMA's own catches the fault that its record plants", async () => {
  const own = ["service", "vddk", "tunnel", "file", "failure", "unit", "user", "security", "wizard"];
  const { code, text } = await workspace.command("test:mutations", [
    ...stack,
    ...own.flatMap((folder) => ["--only", folder]),
  ]);
  expect(code, text).toBe(0);
  expect(text.trimEnd().split("\n").at(-1)).toMatch(/^(\d+) checks, \1 caught/u);
});

test("a second npm start changes nothing, and destroy removes what there is", async () => {
  const again = await workspace.command("start", stack);
  expect(again.code, again.text).toBe(0);
  expect(again.stdout).toContain("Nothing changed: stack dev-vma is up to date.");
  const destroyed = await workspace.command("destroy", stack);
  expect(destroyed.code, destroyed.text).toBe(0);
  expect((await askLab(workspace)).instances).toEqual([]);
});
