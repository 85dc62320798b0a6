import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askMachine, type Shell } from "../../providers/guest/machine/ask.ts";
import { connect, type SshConnection } from "../../providers/ssh/index.ts";
import { type Sshd, startSshd } from "../stand-ins/support/sshd.ts";

let sshd: Sshd;
let machine: SshConnection;

beforeAll(async () => {
  sshd = await startSshd();
  machine = await connect(sshd.target);
});

afterAll(async () => {
  machine?.close();
  await sshd?.stop();
});

test("the runner and the request travel together, in one command, and leave nothing behind", async () => {
  const probes = Array.from({ length: 50 }, () => ({ kind: "os-release" }));
  const commands: string[] = [];
  const counted: Shell = {
    target: machine.target,
    exec: (command, options) => {
      commands.push(command);
      return machine.exec(command, options);
    },
  };
  const { answers } = (await askMachine(counted, { probes })) as { answers: { answer: { id: string } }[] };
  expect(answers).toHaveLength(50);
  expect(answers[49]?.answer.id).toMatch(/^[a-z]+$/u);
  expect(commands).toHaveLength(1);
});

test("what is asked is not in the command line", async () => {
  const seen = (await askMachine(machine, {
    probes: [
      {
        kind: "script",
        script: "x",
        text: 'printf \'"%s"\' "$(tr "\\0" " " < /proc/$PPID/cmdline | base64 -w0)"',
      },
    ],
  })) as { answers: [{ answer: string }] };
  const line = Buffer.from(seen.answers[0].answer, "base64").toString();
  expect(line).toContain("python3");
  expect(line).not.toContain("base64");
});

async function fault(path: string, user = machine.target.user): Promise<string> {
  const target = { ...machine.target, user };
  const shell: Shell = {
    target,
    exec: (command, options) => machine.exec(`PATH=${path}; ${command}`, options),
  };
  return askMachine(shell, { probes: [] }).then(
    () => "no fault was seen",
    (error: unknown) => String(error),
  );
}

test("a machine without Python, without sudo, or with a runner that fails is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ask-"));
  const command = (name: string, script: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  try {
    expect(await fault(folder)).toContain("install the package python3 on the machine");
    command("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    expect(await fault(folder, "operator")).toContain("sudo: a password is required");
    command("sudo", "echo 'sudo: python3: command not found' >&2; exit 1");
    expect(await fault(folder, "operator")).toContain("install the package python3 on the machine");
    command("python3", "echo \"ModuleNotFoundError: No module named 'concurrent'\" >&2; exit 1");
    expect(await fault(folder)).toContain("python3-minimal is not enough");
    command("python3", "echo 'SyntaxError' >&2; exit 1");
    expect(await fault(folder)).toContain("the probe runner ended with 1: SyntaxError");
    command("python3", "echo hello");
    expect(await fault(folder)).toContain("did not answer in JSON");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
