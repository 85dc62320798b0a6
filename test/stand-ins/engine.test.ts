import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import fixtures from "./fixtures/random-states.json" with { type: "json" };
import { tokenOf } from "./support/random-cases.ts";
import { type Sshd, startSshd } from "./support/sshd.ts";
import { makeStack, type Stack } from "./support/stack.ts";

let sshd: Sshd;
let stack: Stack;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => await sshd.stop());
beforeEach(async () => {
  stack = await makeStack();
  return () => stack.remove();
});

const head = `
import * as pulumi from "@pulumi/pulumi";
import { local, remote } from "@pulumi/command";
import * as random from "@pulumi/random";
const input = JSON.parse(process.env.TEST_INPUT);
const { host, port, user, privateKey, hostKey } = input.target ?? {};
const connection = { host, port, user, privateKey, hostKey };
`;

test("a stack of every kind comes up by one login, stays as it is, is refreshed and goes", async () => {
  const source = join(stack.folder, "source");
  mkdirSync(join(source, "inner"), { recursive: true });
  writeFileSync(join(source, "inner", "file"), "one");
  const there = join(sshd.folder, "there");
  stack.input = { target: sshd.target, source, there };
  stack.program(`${head}
    const password = new random.RandomPassword("password", { length: 24, special: false });
    const bytes = new random.RandomBytes("bytes", { length: 32 });
    const id = new random.RandomId("id", { byteLength: 16 });
    const text = new random.RandomString("text", { length: 8 });
    const pet = new random.RandomPet("pet");
    const number = new random.RandomInteger("number", { min: 1, max: 6 });
    const uuid = new random.RandomUuid("uuid");
    const shuffle = new random.RandomShuffle("shuffle", { inputs: ["a", "b"] });
    const folder = new remote.CopyToRemote("folder", { connection, source: new pulumi.asset.FileArchive(input.source), remotePath: input.there });
    const note = new remote.CopyToRemote("note", { connection, source: new pulumi.asset.StringAsset("a note"), remotePath: input.there + "/note" }, { dependsOn: folder });
    const command = new remote.Command("command", {
      connection,
      create: "cat " + input.there + "/source/inner/file; wc -c",
      stdin: password.result,
      delete: "echo $PULUMI_COMMAND_STDOUT > " + input.there + "/deleted",
      triggers: [note.source],
    }, { dependsOn: note });
    const made = new local.Command("made", { create: "echo $GREETING; echo x > made.txt", environment: { GREETING: "hello" }, assetPaths: ["*.txt"], archivePaths: ["*.txt"] });
    const after = new local.Command("after", { create: "echo after", triggers: [made.archive, made.stdout] });
    export const said = command.stdout;
    export const secret = password.result;
    export const key = bytes.base64;
    export const ran = local.runOutput({ command: "echo ran" }).stdout;
    export const names = [id.hex, text.result, pet.id, number.result, uuid.result, shuffle.results, after.stdout];
  `);
  await stack.must("up", "--yes", "--skip-preview");
  const outputs = await stack.outputs();
  expect(outputs).toMatchObject({ said: "one24", ran: "ran" });
  const logins = sshd.logins();
  expect(logins).toBe(1);
  const state = await stack.state();
  for (const secret of [String(outputs.secret), String(outputs.key), "OPENSSH PRIVATE KEY"]) {
    expect(state).not.toContain(secret);
  }
  expect(await stack.plan()).toEqual([]);
  await stack.must("refresh", "--yes", "--skip-preview");
  expect(await stack.plan()).toEqual([]);
  expect(sshd.logins()).toBe(logins);
  await stack.must("destroy", "--yes", "--skip-preview");
  expect(readFileSync(join(there, "deleted"), "utf8")).toBe("one24\n");
});

test("what replaces and what updates", async () => {
  const source = join(stack.folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "one");
  const input = {
    target: sshd.target,
    source,
    there: join(sshd.folder, "moves"),
    create: "echo one",
    of: "a",
  };
  stack.input = input;
  stack.program(`${head}
    new random.RandomPet("pet", { keepers: { of: input.of } });
    new remote.CopyToRemote("copy", { connection, source: new pulumi.asset.FileArchive(input.source), remotePath: input.there });
    new remote.Command("remote", { connection, create: input.create, update: input.update, triggers: [{ of: input.of }] });
    new local.Command("local", { create: input.create, triggers: [input.of] });
  `);
  await stack.must("up", "--yes", "--skip-preview");
  const opsOf = async () => Object.fromEntries((await stack.plan()).map(({ name, op }) => [name, op]));
  stack.input = { ...input, create: "echo two" };
  expect(await opsOf()).toEqual({ remote: "update", local: "update" });
  stack.input = { ...input, update: "echo updated" };
  expect(await opsOf()).toEqual({ remote: "update" });
  stack.input = { ...input, of: "b" };
  expect(await opsOf()).toEqual({ pet: "replace", remote: "replace", local: "replace" });
  stack.input = input;
  writeFileSync(join(source, "file"), "two");
  expect(await opsOf()).toEqual({ copy: "update" });
  await stack.must("up", "--yes", "--skip-preview");
  expect(readFileSync(join(input.there, "source", "file"), "utf8")).toBe("two");
});

test("a command that failed is not in the state, and is run by the next update", async () => {
  const allowed = join(stack.folder, "allowed");
  stack.input = { target: sshd.target, allowed };
  stack.program(`${head}
    new remote.Command("picky", { connection, create: "test -e " + input.allowed + " || { echo not allowed >&2; exit 4; }" });
  `);
  const failed = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(failed.code).not.toBe(0);
  expect(failed.text).toContain("Process exited with status 4");
  expect(failed.text).toContain("not allowed");
  expect(await stack.state()).not.toContain("::picky");
  writeFileSync(allowed, "");
  await stack.must("up", "--yes", "--skip-preview");
  expect(await stack.plan()).toEqual([]);
});

test("a value that exists already is imported", async () => {
  stack.program(`${head}
    new random.RandomPassword("known", { length: 17 });
    new random.RandomId("name", { byteLength: 4, prefix: "my" });
  `);
  const code = ["--yes", "--generate-code=false", "--protect=false"];
  await stack.must("import", tokenOf("RandomPassword"), "known", "a known password!", ...code);
  await stack.must("import", tokenOf("RandomId"), "name", "my,p-9hUg", ...code);
  expect(await stack.state()).not.toContain("a known password!");
  expect(await stack.plan()).toEqual([]);
});

test("a stack that the official random plugin made is taken over without a change", async () => {
  const urn = (type: string, name: string) => `urn:pulumi:dev::trial::${type}::${name}`;
  const provider = urn("pulumi:providers:random", "default_4_21_2");
  const providerId = "11111111-2222-4333-8444-555555555555";
  const stackUrn = urn("pulumi:pulumi:Stack", "trial-dev");
  const nameOf = (index: number) => `it${index}`;
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });
  const resources = fixtures.states.map(({ type, id, inputs, state, secrets }, index) => ({
    urn: urn(tokenOf(type), nameOf(index)),
    custom: true,
    id,
    type: tokenOf(type),
    inputs,
    outputs: Object.fromEntries(
      Object.entries(state).map(([name, value]) => [
        name,
        (secrets as string[]).includes(name) ? secret(value) : value,
      ]),
    ),
    parent: stackUrn,
    provider: `${provider}::${providerId}`,
    additionalSecretOutputs: secrets,
  }));
  stack.program("export {};");
  await stack.must("up", "--yes", "--skip-preview");
  const { deployment } = JSON.parse(await stack.state()) as { deployment: Record<string, unknown> };
  deployment.resources = [
    { urn: stackUrn, custom: false, type: "pulumi:pulumi:Stack" },
    {
      urn: provider,
      custom: true,
      id: providerId,
      type: "pulumi:providers:random",
      inputs: { version: "4.21.2" },
      outputs: { version: "4.21.2" },
    },
    ...resources,
  ];
  const file = join(stack.folder, "state.json");
  writeFileSync(file, JSON.stringify({ version: 3, deployment }));
  await stack.must("stack", "import", "--file", file);
  stack.input = { states: fixtures.states };
  stack.program(`${head}
    input.states.forEach(({ type, inputs }, index) => new random[type]("it" + index, inputs));
  `);
  expect(await stack.plan()).toEqual([]);
  await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
  await stack.must("refresh", "--yes", "--skip-preview");
  expect(await stack.plan()).toEqual([]);
});

test("an update that is interrupted ends the command that runs", async () => {
  const mark = join(stack.folder, "running");
  stack.input = { target: sshd.target, mark };
  stack.program(`${head}
    new remote.Command("long", { connection, create: "echo $$ > " + input.mark + ".new; mv " + input.mark + ".new " + input.mark + "; sleep 300; true" }, { customTimeouts: { create: "3s" } });
  `);
  const { code, text } = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  expect(text).toContain("not done within 3 s");
  expect(existsSync(mark)).toBe(true);
  const group = Number(readFileSync(mark, "utf8"));
  await expect.poll(() => processesOf(group), { timeout: 10_000 }).toBe(0);
});

function processesOf(group: number): number {
  const listed = execFileSync("ps", ["-eo", "pgid="], { encoding: "utf8" });
  return listed.split("\n").filter((line) => Number(line) === group).length;
}
