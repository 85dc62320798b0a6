/** The main job as a user does it, from `npm start` to a machine that is as it was. One story, told in order. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../toolchain/process.ts";
import { picture, startBrowser } from "../support/browser.ts";
import { enrolmentOfAVma } from "./support/enrolment.ts";
import { WatchedAppliance } from "./support/first-boot.ts";
import { type Traces, tracesOf } from "./support/machine.ts";
import { seenFromTheNetwork } from "./support/network.ts";
import { operatorTools } from "./support/operator.ts";
import { cloneOf, type Outputs, outputsOf, sshTo } from "./support/stack.ts";
import { wizardOnTheConsole } from "./support/wizard.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let before: Traces;
let workspace: Workspace;

beforeAll(async () => {
  workspace = await makeWorkspace();
  before = await tracesOf(workspace.folder);
});

afterAll(() => workspace?.remove());

const outputs = () => outputsOf(workspace, "dev");
function databaseOf({ connection: { database } }: Outputs) {
  if (!database) throw new Error("the OMA has a database");
  return database;
}
const clone = () => cloneOf(workspace, "oma");

test("npm start builds, proves and captures the appliance, and prints how to reach a clone of it", async () => {
  const { code, stdout, text } = await workspace.command("start");
  expect(code, text).toBe(0);
  const made = await outputs();
  expect(made.template.name).toMatch(/^oma-dev-[0-9a-f]{12}$/u);
  for (const word of [
    made.template.id,
    made.connection.host,
    made.report,
    ...Object.values(made.connection.urls),
  ]) {
    expect(stdout).toContain(word);
  }
  expect(text).not.toContain(databaseOf(made).password);
  expect(made.template.diskSearch).toMatch(/^\d+ bytes searched for 3 texts, none found$/u);
});

test("the printed addresses answer from the host", async () => {
  const { connection } = await outputs();
  const answers = await Promise.all(
    Object.entries(connection.urls).map(async ([title, url]) => [title, (await fetch(url)).status]),
  );
  expect(answers.length).toBeGreaterThanOrEqual(2);
  for (const [title, status] of answers) expect([title, status]).toEqual([title, 200]);
});

test("ssh with the printed key and the pinned host key logs in as oma_admin", async () => {
  const made = await outputs();
  const answer = await sshTo(workspace, made, "id -un && hostname && sudo -n id -u");
  expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/^oma_admin\n\S+\n0\n$/u) });
});

test("the database access works on the clone, and is another one than the build machine's", async () => {
  const made = await outputs();
  const { user, password, database, host, port } = databaseOf(made);
  const query = `mariadb -h ${host} -P ${port} -u ${user} --password="$(cat)" ${database} -Ne 'SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()'`;
  const answer = await sshTo(workspace, made, query, { input: password });
  expect(answer).toMatchObject({ code: 0, stdout: "35\n" });
});

/** Names each service that began before the first boot was over; what a timer starts waits as every service does. */
const startedTooEarly = `over=$(systemctl show ossea-first-boot.service --property=ActiveEnterTimestampMonotonic --value)
for unit in mariadb.service ssh.service $(grep -v '[.]timer$' /etc/ossea/units); do
  began=$(systemctl show $unit --property=InactiveExitTimestampMonotonic --value)
  if ((began > 0 && began < over)); then echo $unit; fi
done`;

/** Words of the first boot in its middle, and of an operation that has done its work and is not over. */
const cuts = ["first boot: SSH host keys: done", "account oma_user@localhost"];

test("without a key an appliance has none, its plug pulled twice its first boot completes, cut anywhere it does too", async () => {
  const { template } = await outputs();
  const appliance = await WatchedAppliance.deploy(workspace, "keyless", template.id);
  for (const words of cuts) await appliance.cut(words);
  const state = await appliance.root("systemctl is-system-running --wait; cat /var/log/ossea-first-boot.log");
  expect(state.stdout).toMatch(/^running\n/u);
  expect(state.stdout).toContain("SSH host keys: done");
  expect(state.stdout).toMatch(/complete\n$/u);
  expect((await appliance.root(startedTooEarly)).stdout).toBe("");
  const keys = await appliance.root("ls -A /home/*/.ssh /root/.ssh 2>/dev/null; true");
  expect(keys.stdout).not.toContain("authorized_keys");
  expect((await appliance.template()).details).toEqual({});
  const cut = readFileSync(join(import.meta.dirname, "support/cut-first-boot.sh")).toString("base64");
  const done = await appliance.root(`echo ${cut} | base64 --decode | bash`);
  expect(done.code, done.text).toBe(0);
  expect(done.stdout).toContain(`instance ${appliance.id}`);
  expect(Number.parseInt(done.stdout, 10)).toBeGreaterThan(200);
  await appliance.remove();
});

seenFromTheNetwork(async () => {
  const { ssh: login, host } = (await outputs()).connection;
  return { workspace, user: login.user, identityFile: login.identityFile, host };
});

test("the GUI and the proof report are pages that a browser shows", async () => {
  const made = await outputs();
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(made.connection.urls.GUI ?? "");
    await page.getByText(/demo/iu).first().waitFor();
    await page.goto(`file://${made.report}`);
    for (const shown of ["OSSEA Migration Appliance", made.template.name]) {
      await page.getByText(shown).first().waitFor();
    }
  } finally {
    await browser.close();
  }
});

test("the report shows every state of the machines, the wizard, what the clone is made of and each input", async () => {
  const made = await outputs();
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(`file://${made.report}`);
    expect(await page.getByRole("status").textContent()).toBe("Proved");
    const runs = await page
      .getByRole("region", { name: "Runs" })
      .getByRole("heading", { level: 3 })
      .allInnerTexts();
    expect(runs.map((name) => name.toLowerCase())).toEqual([
      "build",
      "clone",
      "sealed",
      "twin",
      "compared",
      "restarted",
    ]);
    expect(await page.getByRole("img", { name: "The setup wizard's first screen" }).textContent()).toMatch(
      /OSSEA/u,
    );
    await page.getByText(/^Show all \d+ with their versions$/u).click();
    await page.getByRole("rowheader", { name: "mariadb-server", exact: true }).first().waitFor();
    for (const input of Object.keys(made.template.fingerprint)) {
      expect(await page.getByRole("rowheader", { name: input, exact: true }).count(), input).toBeGreaterThan(
        0,
      );
    }
    const beyond = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(beyond).toBe(0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: picture(`report-phone-${colorScheme}`), fullPage: true });
    }
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.screenshot({ path: picture("report"), fullPage: true });
  } finally {
    await browser.close();
  }
});

test("every check catches the fault that its own record plants", async () => {
  const { code, text } = await workspace.command("test:mutations");
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  expect(code, text).toBe(0);
  expect(last).toMatch(/^(\d+) checks, \1 caught/u);
});

operatorTools(clone);
wizardOnTheConsole(clone);

test("a VMA is built and cloned beside it, in the same lab", async () => {
  const stack = "Pulumi.dev-vma.yaml";
  // Its own story proves it in full.
  workspace.write(stack, `${workspace.read(stack)}  ossea-appliances:proof: quick\n`);
  const { code, text } = await workspace.command("start", ["--stack", "dev-vma"]);
  expect(code, text).toBe(0);
});

enrolmentOfAVma(clone, () => cloneOf(workspace, "vma"));

test("the VMA is taken away again, and the OMA stays", async () => {
  const { code, text } = await workspace.command("destroy", ["--stack", "dev-vma"]);
  expect(code, text).toBe(0);
});

test("no secret stands in the state in clear, nor in the report", async () => {
  const made = await outputs();
  const key = readFileSync(join(workspace.folder, made.connection.ssh.identityFile), "utf8");
  const secrets = [databaseOf(made).password, ...key.split("\n").filter((line) => line.length > 60)];
  const found = await run(
    "grep",
    ["-rlF", ...secrets.flatMap((text) => ["-e", text]), ".ossea/state", ".ossea/reports"],
    {
      cwd: workspace.folder,
    },
  );
  expect(found.stdout).toBe("");
});

test("a second npm start changes nothing and says so", async () => {
  const { code, stdout, text } = await workspace.command("start");
  expect(code, text).toBe(0);
  expect(stdout).toContain("Nothing changed: stack dev is up to date.");
});

test("a touched unit file is named by the preview, which replaces what is built from it and nothing else", async () => {
  const unit = "assets/oma/units/oma-api.service";
  workspace.write(unit, `${workspace.read(unit)}# touched\n`);
  const { code, text } = await workspace.command("preview");
  workspace.restore(unit);
  expect(code, text).toBe(0);
  expect(text).toContain("Moved since the last update (1):\n  unit/oma-api.service\n");
  const replaced = [...text.matchAll(/^\s*\+-(\S+): \(replace\)/gmu)].map(([, type]) => type);
  expect(replaced).toContain("cloudstack:index:Instance");
  expect(replaced).toContain("cloudstack:index:Template");
  expect(replaced).not.toContain("cloudstack:index:SshKeyPair");
});

test("npm run destroy and npm run lab -- down leave this computer as it was", async () => {
  const destroyed = await workspace.command("destroy");
  expect(destroyed.code, destroyed.text).toBe(0);
  const down = await workspace.lab("down");
  expect(down.code, down.text).toBe(0);
  expect(await tracesOf(workspace.folder)).toEqual(before);
});
