import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { generateKeyPair, type SshTarget } from "../../providers/ssh/index.ts";
import { assetOf, failureOf, secret, unknownText, urnOf, type Wire } from "../provider/support/engine.ts";
import fixtures from "./fixtures/command-states.json" with { type: "json" };
import { type EngineEar, listenForMessages } from "./support/engine-log.ts";
import { exchanges, type Plugin, type PluginSource, sources, startPlugin } from "./support/plugin.ts";
import { freePort, type Sshd, startSshd } from "./support/sshd.ts";
import { plain, plainProperties, secretNames } from "./support/wire.ts";

const remoteCommand = "command:remote:Command";
const copyToRemote = "command:remote:CopyToRemote";
const copyFile = "command:remote:CopyFile";
const localCommand = "command:local:Command";

let sshd: Sshd;
let ear: EngineEar;
let work: string;
const plugins = new Map<string, Plugin>();

beforeAll(async () => {
  sshd = await startSshd();
  ear = await listenForMessages();
  for (const source of sources) {
    plugins.set(source.name, await startPlugin(source, "command", { logAddress: ear.address }));
  }
});
afterAll(async () => {
  for (const plugin of plugins.values()) await plugin.stop();
  ear.close();
  await sshd.stop();
});
beforeEach(() => {
  work = mkdtempSync(join(sshd.folder, "work-"));
  ear.messages.length = 0;
  return () => rmSync(work, { recursive: true, force: true });
});

/** Gone after the test, however that ends. */
async function machineOfTest(options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> {
  const machine = await startSshd(options);
  onTestFinished(() => machine.stop());
  return machine;
}

function pluginOf(name: string): Plugin {
  const plugin = plugins.get(name);
  if (!plugin) throw new Error(`no plugin ${name}`);
  return plugin;
}

/** As the SDK sends it. */
function connectionTo(target: SshTarget, more: Wire = {}): Wire {
  const { host, port, user, privateKey, hostKey } = target;
  return secret({ host, port, user, privateKey, hostKey, ...more });
}

const connection = (more: Wire = {}) => connectionTo(sshd.target, more);

interface Made {
  urn: string;
  id: string;
  inputs: Wire;
  state: Wire;
}

async function make(plugin: Plugin, token: string, given: Wire, name = "it"): Promise<Made> {
  const urn = urnOf(token, name);
  const { inputs, faults } = await plugin.check(urn, given);
  expect(faults).toEqual({});
  return { urn, inputs, ...(await plugin.create(urn, inputs)) };
}

async function diffWith(plugin: Plugin, { urn, id, inputs, state }: Made, given: Wire) {
  const checked = await plugin.check(urn, given, inputs);
  expect(checked.faults).toEqual({});
  return plugin.diff(urn, id, { inputs, state }, checked.inputs);
}

async function update(plugin: Plugin, made: Made, given: Wire): Promise<Made> {
  const { inputs } = await plugin.check(made.urn, given, made.inputs);
  const state = await plugin.update(made.urn, made.id, made, inputs);
  return { ...made, inputs, state };
}

const failing = async (plugin: Plugin, token: string, given: Wire) => {
  const { inputs } = await plugin.check(urnOf(token, "it"), given);
  return (await failureOf(plugin.create(urnOf(token, "it"), inputs))).text;
};

const outputOf = ({ state }: Made) => {
  const { stdout, stderr } = plainProperties(state);
  return { stdout, stderr };
};

function fileAsset(path: string): Wire {
  const hash = existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "none";
  return assetOf({ path, hash });
}

function archiveOf(parts: Wire): Wire {
  return { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", ...parts };
}

function folderArchive(path: string): Wire {
  return archiveOf({ path, hash: path });
}

function text(content: string): Wire {
  return assetOf({ text: content, hash: createHash("sha256").update(content).digest("hex") });
}

describe.each(sources.map(({ name }) => name))("remote.Command, %s", (name) => {
  test("gives back what the command wrote, less the last line feed", async () => {
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connection(),
      create: "printf 'one\\n\\ntwo\\n\\n'; echo problem >&2",
    });
    expect(outputOf(made)).toEqual({ stdout: "one\n\ntwo\n", stderr: "problem" });
    expect(made.id).toMatch(/^it[0-9a-f]{8}$/);
    expect(Object.keys(plainProperties(made.state)).sort()).toEqual([
      "addPreviousOutputInEnv",
      "connection",
      "create",
      "stderr",
      "stdout",
    ]);
    expect(secretNames(made.state)).toEqual(["connection"]);
  });

  test("fills in the connection's defaults", async () => {
    const { inputs } = await pluginOf(name).check(urnOf(remoteCommand, "it"), {
      connection: { host: "192.0.2.1", proxy: { host: "192.0.2.2" } },
      create: "true",
    });
    const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    expect(plain(inputs.connection)).toEqual({
      ...defaults,
      host: "192.0.2.1",
      proxy: { ...defaults, host: "192.0.2.2" },
    });
    expect(inputs.addPreviousOutputInEnv).toBe(true);
    expect(secretNames(inputs)).toEqual(["connection"]);
  });

  test("without a create command nothing runs", async () => {
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connection({ host: "192.0.2.1", dialErrorLimit: 0 }),
    });
    expect(outputOf(made)).toEqual({ stdout: "", stderr: "" });
  });

  test("stdin and accepted variables reach the command", async () => {
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connection(),
      create: "cat; echo $CASE_A/$CASE_B",
      stdin: "given\n",
      environment: { CASE_A: "one", CASE_B: "zwei äöü" },
    });
    expect(outputOf(made).stdout).toBe("given\none/zwei äöü");
  });

  test("a variable that sshd refuses is an error, and the command does not run", async () => {
    const mark = join(work, "ran");
    const failure = await failing(pluginOf(name), remoteCommand, {
      connection: connection(),
      create: `touch ${mark}`,
      environment: { CASE_A: "one", REFUSED: "two" },
    });
    expect(failure).toContain('could not set environment variable "REFUSED"');
    expect(existsSync(mark)).toBe(false);
  });

  test("a failed command is an error with its end, its text and what it wrote", async () => {
    const failure = await failing(pluginOf(name), remoteCommand, {
      connection: connection(),
      create: 'echo "half way"; echo broken >&2; exit 3',
    });
    expect(failure).toContain('Process exited with status 3: running "echo \\"half way\\";');
    expect(failure).toContain("half way\n");
    expect(failure).toContain("broken");
  });

  test("an update runs update, else create, and knows the output before", async () => {
    const plugin = pluginOf(name);
    const given = { connection: connection(), create: "echo made; echo warned >&2" };
    const made = await make(plugin, remoteCommand, given);
    const shows = "echo $PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR";
    const first = await update(plugin, made, { ...given, update: shows });
    expect(outputOf(first)).toEqual({ stdout: "made/warned", stderr: "" });
    const second = await update(plugin, first, { ...given, create: `${shows}!` });
    expect(outputOf(second).stdout).toBe("made/warned/!");
    const third = await update(plugin, second, { ...given, update: shows, addPreviousOutputInEnv: false });
    expect(outputOf(third).stdout).toBe("/");
    const fourth = await update(plugin, third, { connection: connection() });
    expect(outputOf(fourth).stdout).toBe("/");
  });

  test("only triggers replace; anything else updates", async () => {
    const plugin = pluginOf(name);
    const given = { connection: connection(), create: "true", triggers: ["a", { b: 1 }] };
    const made = await make(plugin, remoteCommand, given);
    expect((await diffWith(plugin, made, given)).changes).toBe(false);
    for (const moved of [
      { create: "false" },
      { update: "true" },
      { delete: "true" },
      { stdin: "x" },
      { environment: { CASE_A: "x" } },
      { connection: connection({ port: 1 }) },
      { logging: "none" },
    ]) {
      const difference = await diffWith(plugin, made, { ...given, ...moved });
      expect({ ...difference, detailed: undefined }).toMatchObject({ changes: true, replaces: [] });
    }
    expect((await diffWith(plugin, made, { ...given, triggers: ["a", { b: 2 }] })).changes).toBe(true);
    const without = await make(plugin, remoteCommand, { ...given, triggers: null });
    expect((await diffWith(plugin, without, given)).replaces).toEqual(["triggers"]);
  });

  test("delete runs by the stored connection, with variables and the output before", async () => {
    const mark = join(work, "deleted");
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connection(),
      create: "echo made",
      delete: `echo $CASE_A $PULUMI_COMMAND_STDOUT > ${mark}`,
      environment: { CASE_A: "by" },
    });
    await pluginOf(name).delete(made.urn, made.id, made.state, made.inputs);
    expect(readFileSync(mark, "utf8")).toBe("by made\n");
  });

  test("a refresh shows the state as it is", async () => {
    const made = await make(pluginOf(name), remoteCommand, { connection: connection(), create: "echo one" });
    const refreshed = await pluginOf(name).read(made.urn, made.id, made);
    expect(plainProperties(refreshed.state)).toEqual(plainProperties(made.state));
    expect(secretNames(refreshed.state)).toEqual(["connection"]);
  });

  test("a preview leaves open what the command will write", async () => {
    const urn = urnOf(remoteCommand, "it");
    const { inputs } = await pluginOf(name).check(urn, { connection: connection(), create: "echo one" });
    const { state } = await pluginOf(name).create(urn, inputs, { preview: true });
    expect(plainProperties(state)).toMatchObject({ create: "echo one", stdout: unknownText });
  });

  test("shows the lines that logging asks for", async () => {
    for (const [logging, heard] of [
      [undefined, ["out", "err"]],
      ["stdoutAndStderr", ["out", "err"]],
      ["stdout", ["out"]],
      ["stderr", ["err"]],
      ["none", []],
    ] as const) {
      ear.messages.length = 0;
      await make(pluginOf(name), remoteCommand, {
        connection: connection(),
        create: "echo out; echo err >&2",
        ...(logging && { logging }),
      });
      expect(ear.messages.filter((line) => line === "out" || line === "err").sort()).toEqual(
        [...heard].sort(),
      );
    }
  });

  test("an address where nothing listens is tried as often as allowed, then named", async () => {
    const port = await freePort();
    const failure = await failing(pluginOf(name), remoteCommand, {
      connection: connection({ port, dialErrorLimit: 1 }),
      create: "true",
    });
    expect(failure).toContain(String(port));
    expect(failure).toMatch(/refused/i);
    expect(ear.messages.filter((line) => line.startsWith("Dial 1/1 failed: retrying"))).toHaveLength(1);
  });

  test("a machine that comes up late is waited for", async () => {
    const port = await freePort();
    const made = make(pluginOf(name), remoteCommand, {
      connection: connection({ port, dialErrorLimit: -1, hostKey: null }),
      create: "echo here",
    });
    await expect.poll(() => ear.messages.some((line) => line.startsWith("Dial 2/inf"))).toBe(true);
    const late = await machineOfTest({ port });
    writeFileSync(join(late.folder, "authorized_keys"), `${sshd.clientKey.publicKey}\n`);
    expect(outputOf(await made).stdout).toBe("here");
  });

  test("another host key than the pinned one is refused", async () => {
    const failure = await failing(pluginOf(name), remoteCommand, {
      connection: connection({ hostKey: generateKeyPair().publicKey, dialErrorLimit: 0 }),
      create: "true",
    });
    expect(failure).toContain("host key mismatch");
  });

  test("a wrong key is refused, also when the right one was used just before", async () => {
    await make(pluginOf(name), remoteCommand, { connection: connection(), create: "true" });
    const wrong = { privateKey: generateKeyPair().privateKey, dialErrorLimit: 0 };
    const failure = await failing(pluginOf(name), remoteCommand, {
      connection: connection(wrong),
      create: "true",
    });
    expect(failure).toMatch(/authenticat/);
  });

  test("a key with a password, and a key of an agent, open the machine", async () => {
    const key = join(work, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "its password", "-f", key]);
    const authorized = join(sshd.folder, "authorized_keys");
    const before = readFileSync(authorized, "utf8");
    writeFileSync(authorized, `${before}${readFileSync(`${key}.pub`, "utf8")}`);
    const privateKey = readFileSync(key, "utf8");
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connection({ privateKey, privateKeyPassword: "its password" }),
      create: "echo by key",
    });
    expect(outputOf(made).stdout).toBe("by key");

    const socket = join(mkdtempSync(join(tmpdir(), "agent-")), "s");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    onTestFinished(() => {
      agent.kill();
      rmSync(join(socket, ".."), { recursive: true });
      writeFileSync(authorized, before);
    });
    await expect.poll(() => existsSync(socket)).toBe(true);
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "its password", "-N", "", "-f", key]);
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const byAgent = await make(pluginOf(name), remoteCommand, {
      connection: connection({ privateKey: null, agentSocketPath: socket }),
      create: "echo by agent",
    });
    expect(outputOf(byAgent).stdout).toBe("by agent");
  });

  test("a machine behind another one is reached", async () => {
    const inner = await machineOfTest();
    const made = await make(pluginOf(name), remoteCommand, {
      connection: connectionTo(inner.target, { proxy: (connection().value ?? {}) as Wire }),
      create: "echo $SSH_CONNECTION",
    });
    expect(outputOf(made).stdout).toContain(` 127.0.0.1 ${inner.port}`);
    expect(inner.logins()).toBe(1);
  });

  test("a missing connection is a fault", async () => {
    const { faults } = await pluginOf(name).check(urnOf(remoteCommand, "it"), { create: "true" });
    expect(Object.keys(faults)).toEqual(["connection"]);
  });
});

describe.each(sources.map(({ name }) => name))("remote.CopyToRemote, %s", (name) => {
  let source: string;
  beforeEach(() => {
    source = join(work, "source");
    mkdirSync(join(source, "one", "two"), { recursive: true });
    writeFileSync(join(source, "file"), "content of file");
    writeFileSync(join(source, "one", "inner"), "content of inner");
    mkdirSync(join(source, "empty"));
    mkdirSync(join(work, "there"));
  });

  const copy = (what: Wire, remotePath: string) =>
    make(pluginOf(name), copyToRemote, { connection: connection(), source: what, remotePath });
  const tree = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();
  const wholeTree = ["empty", "file", "one", "one/inner", "one/two"];

  test.each([
    { what: "a file to nothing", from: "file", to: "new", gives: "new" },
    { what: "a file into a folder", from: "file", to: "there", gives: "there/file" },
    { what: "a file into folders that are not there", from: "file", to: "a/b/c", gives: "a/b/c" },
  ])("$what", async ({ from, to, gives }) => {
    const made = await copy(fileAsset(join(source, from)), join(work, to));
    expect(readFileSync(join(work, gives), "utf8")).toBe("content of file");
    expect(made.id).toMatch(/^[0-9a-f]{8}$/);
    expect(secretNames(made.state)).toEqual(["connection"]);
    expect(plain(made.state.source)).toMatchObject({ path: join(source, from) });
  });

  test("a file over a file keeps its mode, and is cut to its new length", async () => {
    const target = join(work, "there", "old");
    writeFileSync(target, "much longer than the content of file");
    chmodSync(target, 0o750);
    await copy(fileAsset(join(source, "file")), target);
    expect(readFileSync(target, "utf8")).toBe("content of file");
    expect(statSync(target).mode & 0o777).toBe(0o750);
  });

  test("a new file has the mode of the machine's umask", async () => {
    await copy(fileAsset(join(source, "file")), join(work, "new"));
    expect(statSync(join(work, "new")).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test.each([
    { what: "a folder into a folder", slash: "", to: "there", gives: "there/source" },
    { what: "a folder to nothing", slash: "", to: "new", gives: "new/source" },
    { what: "what is in a folder into a folder", slash: "/", to: "there", gives: "there" },
    { what: "what is in a folder to nothing", slash: "/", to: "new", gives: "new" },
  ])("$what, twice", async ({ slash, to, gives }) => {
    for (const content of ["content of inner", "newer content"]) {
      writeFileSync(join(source, "one", "inner"), content);
      await copy(folderArchive(`${source}${slash}`), join(work, to));
      expect(tree(join(work, gives))).toEqual(wholeTree);
      expect(readFileSync(join(work, gives, "one/inner"), "utf8")).toBe(content);
    }
  });

  test("an archive file is copied, not unpacked", async () => {
    await copy(folderArchive(join(source, "file")), join(work, "there"));
    expect(tree(join(work, "there"))).toEqual(["file"]);
  });

  test("a folder over a file, and a file where a folder has to be, are refused", async () => {
    const plugin = pluginOf(name);
    const given = { connection: connection(), source: folderArchive(source) };
    await failing(plugin, copyToRemote, { ...given, remotePath: join(source, "file") });
    mkdirSync(join(work, "there", "source"));
    writeFileSync(join(work, "there", "source", "one"), "in the way");
    const failure = await failing(plugin, copyToRemote, { ...given, remotePath: join(work, "there") });
    expect(failure).toContain(join(work, "there", "source", "one"));
  });

  test("a text becomes a file, and not a folder's guest", async () => {
    await copy(text("just a text"), join(work, "deep", "text"));
    expect(readFileSync(join(work, "deep", "text"), "utf8")).toBe("just a text");
    const given = { connection: connection(), source: text("x"), remotePath: join(work, "there") };
    expect(await failing(pluginOf(name), copyToRemote, given)).toContain("directory");
  });

  test("large files arrive whole", async () => {
    const large = Buffer.alloc(9 * 1024 * 1024 + 17, "abcdefghijklmnopqrstuvw");
    writeFileSync(join(source, "large"), large);
    await copy(fileAsset(join(source, "large")), join(work, "large"));
    expect(readFileSync(join(work, "large")).equals(large)).toBe(true);
  });

  test("an update copies again only when the content or the path moved", async () => {
    const plugin = pluginOf(name);
    const to = join(work, "new");
    const given = { connection: connection(), source: fileAsset(join(source, "file")), remotePath: to };
    const made = await make(plugin, copyToRemote, given);
    rmSync(to);
    const port = await update(plugin, made, { ...given, connection: connection({ dialErrorLimit: 5 }) });
    expect(existsSync(to)).toBe(false);
    writeFileSync(join(source, "file"), "newer");
    const news = { ...given, source: fileAsset(join(source, "file")) };
    expect(await diffWith(plugin, port, news)).toMatchObject({ changes: true, replaces: [] });
    const content = await update(plugin, port, news);
    expect(readFileSync(to, "utf8")).toBe("newer");
    await update(plugin, content, { ...news, remotePath: `${to}er` });
    expect(readFileSync(`${to}er`, "utf8")).toBe("newer");
    const elsewhere = { ...news, source: { ...news.source, path: join(source, "..", "source", "file") } };
    expect((await diffWith(plugin, content, elsewhere)).changes, "same content").toBe(false);
  });

  test("triggers replace", async () => {
    const plugin = pluginOf(name);
    const given = { connection: connection(), source: text("x"), remotePath: join(work, "x") };
    const made = await make(plugin, copyToRemote, given);
    expect((await diffWith(plugin, made, { ...given, triggers: [1] })).replaces).toEqual(["triggers"]);
  });

  test("deleting leaves the files", async () => {
    const made = await copy(text("stays"), join(work, "stays"));
    await pluginOf(name).delete(made.urn, made.id, made.state, made.inputs);
    expect(existsSync(join(work, "stays"))).toBe(true);
  });

  test.each([
    { what: assetOf({ uri: "https://example.com" }), fault: "asset" },
    { what: archiveOf({ uri: "https://example.com" }), fault: "archive" },
    { what: archiveOf({ assets: { a: text("x") } }), fault: "archive" },
  ])("a source that has no place on this machine is refused: $what", async ({ what, fault }) => {
    const given = { connection: connection(), source: what, remotePath: "/tmp/x" };
    const { faults } = await pluginOf(name).check(urnOf(copyToRemote, "it"), given);
    expect(Object.keys(faults)).toEqual([fault]);
  });

  test("a source that is not there is named", async () => {
    const gone = { connection: connection(), source: fileAsset(join(source, "gone")), remotePath: "/tmp/x" };
    expect(await failing(pluginOf(name), copyToRemote, gone)).toContain(join(source, "gone"));
  });

  test("CopyFile copies one file, and every change replaces it", async () => {
    const plugin = pluginOf(name);
    const given = { connection: connection(), localPath: join(source, "file"), remotePath: join(work, "c") };
    const made = await make(plugin, copyFile, given);
    expect(readFileSync(join(work, "c"), "utf8")).toBe("content of file");
    expect((await diffWith(plugin, made, given)).changes).toBe(false);
    const moved = { ...given, remotePath: join(work, "d") };
    expect((await diffWith(plugin, made, moved)).replaces).toEqual(["remotePath"]);
  });
});

describe.each(sources.map(({ name }) => name))("local.Command, %s", (name) => {
  test("runs in its folder with its variables, stdin and interpreter", async () => {
    const made = await make(pluginOf(name), localCommand, {
      create: 'pwd; cat; echo $GREETING "$BASH"',
      dir: work,
      stdin: "given\n",
      environment: { GREETING: "hello" },
      interpreter: ["/bin/bash", "-c"],
    });
    expect(outputOf(made)).toEqual({ stdout: `${work}\ngiven\nhello /bin/bash`, stderr: "" });
    expect(made.id).toMatch(/^it[0-9a-f]{8}$/);
  });

  test("lives as a remote command does", async () => {
    const plugin = pluginOf(name);
    const given = { create: "echo made", dir: work, delete: "echo $PULUMI_COMMAND_STDOUT > deleted" };
    const made = await make(plugin, localCommand, given);
    expect((await diffWith(plugin, made, { ...given, create: "x" })).replaces).toEqual([]);
    expect((await diffWith(plugin, made, { ...given, triggers: [1] })).replaces).toEqual(["triggers"]);
    const updated = await update(plugin, made, { ...given, update: "echo $PULUMI_COMMAND_STDOUT again" });
    expect(outputOf(updated).stdout).toBe("made again");
    await plugin.delete(updated.urn, updated.id, updated.state, updated.inputs);
    expect(readFileSync(join(work, "deleted"), "utf8")).toBe("made again\n");
  });

  test("a failed command is an error with its end, its text and what it wrote", async () => {
    const failure = await failing(pluginOf(name), localCommand, { create: "echo half; exit 3" });
    expect(failure).toContain('exit status 3: running "echo half; exit 3"');
    expect(failure).toContain("half\n");
    const killed = await failing(pluginOf(name), localCommand, { create: "kill -9 $$" });
    expect(killed).toContain("signal: killed");
  });

  test("finds the files that it was asked for", async () => {
    const plugin = pluginOf(name);
    const given = {
      create: "mkdir -p assets/logos src; touch assets/logos/logo.svg src/index.js src/secret.js other.md",
      dir: work,
      assetPaths: ["assets/**", "src/**.js", "!**secret.*"],
      archivePaths: ["*.{md,txt}"],
    };
    const made = await make(plugin, localCommand, given);
    const { assets, archive } = plainProperties(made.state) as Record<string, Wire>;
    expect(Object.keys(assets ?? {}).sort()).toEqual(["assets/logos/logo.svg", "src/index.js"]);
    const empty = createHash("sha256").digest("hex");
    expect(assets?.["src/index.js"]).toMatchObject({ path: join(work, "src/index.js"), hash: empty });
    expect(Object.keys(archive?.assets as Wire)).toEqual(["other.md"]);
    expect((await diffWith(plugin, made, given)).changes).toBe(false);
  });

  test("the function runs in a preview too", async () => {
    const result = await pluginOf(name).invoke("command:local:run", { command: "pwd", dir: work });
    expect(plainProperties(result)).toMatchObject({ command: "pwd", dir: work, stdout: work, stderr: "" });
  });
});

describe.each(sources.map(({ name }) => name))("states, %s", (name) => {
  test.each(fixtures.states)("a state of the official plugin is left as it is: $name", async (fixture) => {
    const { type, id } = fixture;
    const urn = urnOf(type, "it");
    const defaults = { dialErrorLimit: 10, perDialTimeout: 15 };
    const filled = (values: Wire): Wire =>
      "connection" in values ? { ...values, connection: connection(defaults) } : values;
    const inputs = filled(fixture.inputs as Wire);
    const made = { urn, id, inputs, state: { ...inputs, ...fixture.outputs } };
    expect((await diffWith(pluginOf(name), made, inputs)).changes).toBe(false);
    const refreshed = await pluginOf(name).read(urn, id, made);
    expect(plainProperties(refreshed.state)).toEqual(plainProperties(made.state));
    expect(secretNames(refreshed.state)).toEqual("connection" in inputs ? ["connection"] : []);
  });
});

describe.each(exchanges)(
  "command, written by $writer.name and read by $reader.name",
  ({ writer, reader }) => {
    test("a state of each kind is left as it is, and updated and deleted", async () => {
      const from = pluginOf(writer.name);
      const to = pluginOf(reader.name);
      const all: [string, Wire][] = [
        [remoteCommand, { connection: connection(), create: "echo one", delete: `touch ${work}/gone` }],
        [copyToRemote, { connection: connection(), source: text("x"), remotePath: join(work, "x") }],
        [localCommand, { create: "echo one; touch f.txt", dir: work, assetPaths: ["*.txt"] }],
      ];
      for (const [token, given] of all) {
        const made = await make(from, token, given);
        expect((await diffWith(to, made, given)).changes).toBe(false);
        const refreshed = await to.read(made.urn, made.id, made);
        expect(plainProperties(refreshed.state)).toEqual(plainProperties(made.state));
        await to.delete(made.urn, made.id, refreshed.state, made.inputs);
      }
      expect(existsSync(join(work, "gone"))).toBe(true);
    });
  },
);

describe("only the stand-in", () => {
  const plugin = () => pluginOf("stand-in");
  const source = sources[0] as PluginSource;

  test("commands and copies on one machine share logins, also more than one login takes", async () => {
    const machine = await machineOfTest();
    const many = Array.from({ length: 25 }, (_, index) =>
      make(
        plugin(),
        remoteCommand,
        { connection: connectionTo(machine.target), create: `sleep 0.3; echo ${index}` },
        `command${index}`,
      ),
    );
    const copies = Array.from({ length: 5 }, (_, index) =>
      make(
        plugin(),
        copyToRemote,
        { connection: connectionTo(machine.target), source: text("x"), remotePath: join(work, `${index}`) },
        `copy${index}`,
      ),
    );
    const made = await Promise.all(many);
    await Promise.all(copies);
    expect(made.map((one) => outputOf(one).stdout)).toEqual(many.map((_, index) => String(index)));
    expect(machine.logins()).toBeLessThanOrEqual(4);
  });

  test("a machine that takes one session a login still takes all", async () => {
    const machine = await machineOfTest({ config: ["MaxSessions 1"] });
    const given = { connection: connectionTo(machine.target), create: "sleep 0.1; echo x" };
    const made = await Promise.all([1, 2, 3].map(() => make(plugin(), remoteCommand, given)));
    expect(made.map((one) => outputOf(one).stdout)).toEqual(["x", "x", "x"]);
    const to = join(work, "x");
    const copied = { connection: connectionTo(machine.target), source: text("x"), remotePath: to };
    await make(plugin(), copyToRemote, copied);
    await make(plugin(), remoteCommand, given);
    expect(readFileSync(to, "utf8")).toBe("x");
  });

  test("a machine that was started anew is dialled anew", async () => {
    const port = await freePort();
    const first = await machineOfTest({ port });
    const given = (machine: Sshd) => ({ connection: connectionTo(machine.target), create: "echo x" });
    await make(plugin(), remoteCommand, given(first));
    await first.stop();
    const second = await machineOfTest({ port });
    const keys = readFileSync(join(second.folder, "authorized_keys"), "utf8");
    writeFileSync(join(second.folder, "authorized_keys"), `${keys}${first.clientKey.publicKey}\n`);
    const again = { ...given(first), connection: connectionTo(first.target, { hostKey: second.hostKey }) };
    expect(outputOf(await make(plugin(), remoteCommand, again)).stdout).toBe("x");
  });

  test("secrets are blotted out of errors and messages; the machine is named all the same", async () => {
    const failure = await failing(plugin(), remoteCommand, {
      connection: connection(),
      create: "cat; echo $CASE_A >&2; exit 1",
      stdin: secret("name=user\npassword=correct horse\n"),
      environment: { CASE_A: secret("battery staple") },
    });
    const said = [failure, ...ear.messages].join("\n");
    expect(said).not.toContain("correct horse");
    expect(said).not.toContain("battery staple");
    expect(said).toContain("[secret]");
    expect(failure).toContain(`${sshd.user}@127.0.0.1:${sshd.port}`);
  });

  test("nothing of a private key is in an error about it", async () => {
    const privateKey =
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAnotreallyone\n-----END OPENSSH PRIVATE KEY-----";
    const failure = await failing(plugin(), remoteCommand, {
      connection: connection({ privateKey }),
      create: "true",
    });
    expect(failure).not.toContain("AAAAnotreallyone");
    expect(failure).toContain("127.0.0.1");
  });

  test("a long error is shown by its end", async () => {
    const failure = await failing(plugin(), localCommand, {
      create: "yes ä€ | head -n 40000; echo the end; exit 1",
    });
    expect(failure).toContain("the end");
    expect(failure).toContain("characters before");
  });

  test("a run that writes much is shown by part, and given back whole", async () => {
    const made = await make(plugin(), localCommand, { create: "seq 200000" });
    expect(String(outputOf(made).stdout).split("\n")).toHaveLength(200_000);
    expect(ear.messages.length).toBeLessThan(2000);
  });

  test("an output too long for a variable is left out, and told", async () => {
    const made = await make(plugin(), localCommand, { create: "head -c 200000 /dev/zero | tr '\\0' x" });
    const given = { create: "printenv PULUMI_COMMAND_STDOUT || echo none" };
    expect(outputOf(await update(plugin(), made, given)).stdout).toBe("none");
    expect(ear.messages.join()).toContain("PULUMI_COMMAND_STDOUT is not set");
  });

  test("variables of the output before that sshd refuses are told, and the update goes on", async () => {
    const strict = await machineOfTest({ acceptEnv: "NOTHING" });
    const given = { connection: connectionTo(strict.target), create: "echo made" };
    const made = await make(plugin(), remoteCommand, given);
    const updated = await update(plugin(), made, { ...given, update: "echo updated" });
    expect(outputOf(updated).stdout).toBe("updated");
    expect(ear.messages.join()).toContain("Unable to set 'PULUMI_COMMAND_STDOUT'");
  });

  test("a working folder or a program that is not there is named", async () => {
    const failure = await failing(plugin(), localCommand, { create: "true", dir: join(work, "gone") });
    expect(failure).toContain(join(work, "gone"));
    const given = { create: "true", interpreter: ["/no/such/shell"] };
    expect(await failing(plugin(), localCommand, given)).toContain("/no/such/shell");
  });

  test("files found before keep their place over a refresh that shows only hashes", async () => {
    const given = { create: "echo x > f.txt", dir: work, assetPaths: ["*.txt"], archivePaths: ["*.txt"] };
    const made = await make(plugin(), localCommand, given);
    const { archive } = plainProperties(made.state) as Record<string, Wire>;
    const hashes = {
      ...made.state,
      assets: { "f.txt": assetOf({ hash: createHash("sha256").update("x\n").digest("hex") }) },
      archive: { ...archive, assets: null },
    };
    const refreshed = await plugin().read(made.urn, made.id, { inputs: made.inputs, state: hashes });
    expect(plainProperties(refreshed.state)).toEqual(plainProperties(made.state));
    writeFileSync(join(work, "f.txt"), "another");
    const moved = await plugin().read(made.urn, made.id, { inputs: made.inputs, state: hashes });
    expect(plain(moved.state.archive)).toEqual(plain({ ...archive, assets: null }));
  });

  const pidIn = async (file: string) => {
    await expect.poll(() => existsSync(file) && readFileSync(file, "utf8").includes("\n")).toBe(true);
    return Number(readFileSync(file, "utf8"));
  };
  const alive = (group: number) => {
    try {
      process.kill(-group, 0);
      return true;
    } catch {
      return false;
    }
  };
  const stubborn = (file: string) =>
    `trap '' TERM; echo $$ > ${file}.new; mv ${file}.new ${file}; sleep 300 & wait; wait`;

  test.each([
    { where: "this machine", token: localCommand, more: () => ({}) },
    { where: "the machine", token: remoteCommand, more: () => ({ connection: connection() }) },
  ])("cancelling ends all processes of a command on $where, also those that ignore TERM", async (it) => {
    const file = join(work, "pid");
    const own = await startPlugin(source, "command", { logAddress: ear.address });
    onTestFinished(() => own.stop());
    const { inputs } = await own.check(urnOf(it.token, "it"), { ...it.more(), create: stubborn(file) });
    const failure = failureOf(own.create(urnOf(it.token, "it"), inputs));
    const group = await pidIn(file);
    await own.cancel();
    expect((await failure).text).toContain("cancelled");
    await expect.poll(() => alive(group), { timeout: 10_000 }).toBe(false);
  });

  test.each([
    { where: "this machine", token: localCommand, more: () => ({}) },
    { where: "the machine", token: remoteCommand, more: () => ({ connection: connection() }) },
  ])("a command on $where ends when the engine is gone", async (it) => {
    const file = join(work, "pid");
    const own = await startPlugin(source, "command", { logAddress: ear.address });
    onTestFinished(() => own.stop());
    const { inputs } = await own.check(urnOf(it.token, "it"), { ...it.more(), create: stubborn(file) });
    const failure = failureOf(own.create(urnOf(it.token, "it"), inputs));
    const group = await pidIn(file);
    own.process.stdin?.end();
    await failure;
    await expect.poll(() => alive(group), { timeout: 15_000 }).toBe(false);
  });

  test("the resource's own time-out ends the command", async () => {
    const urn = urnOf(remoteCommand, "it");
    const { inputs } = await plugin().check(urn, { connection: connection(), create: "exec sleep 300" });
    const failure = await failureOf(plugin().create(urn, inputs, { timeout: 1 }));
    expect(failure.text).toContain("not done within 1 s");
  });
});
