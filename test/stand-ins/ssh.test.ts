import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Problem } from "../../common/problem.ts";
import { connect, type FailedAttempt, fingerprint, generateKeyPair } from "../../providers/ssh/index.ts";
import { freePort, type Sshd, startSshd } from "./support/sshd.ts";

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => await sshd.stop());

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const cause = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(cause).toBeInstanceOf(Problem);
  return cause as Problem;
};

test("a command's output, error output, exit code and signal come back", async () => {
  const connection = await connect(sshd.target);
  const heard: string[] = [];
  const result = await connection.exec("echo out; echo err >&2; exit 7", {
    onStdout: (text) => heard.push(text),
  });
  expect(result).toEqual({ code: 7, signal: undefined, stdout: "out\n", stderr: "err\n" });
  expect(heard.join("")).toBe("out\n");
  expect(await connection.exec("kill -TERM $$")).toMatchObject({ code: undefined, signal: "TERM" });
  connection.close();
  await connection.closed;
  expect(connection.open).toBe(false);
});

test("stdin and accepted environment variables reach the command", async () => {
  const connection = await connect(sshd.target);
  const result = await connection.exec("cat; echo $CASE_A $OTHER", {
    stdin: "from stdin\n",
    environment: { CASE_A: "seen", OTHER: "dropped" },
  });
  expect(result.stdout).toBe("from stdin\nseen\n");
  connection.close();
});

test("multi-byte text is not torn where chunks meet", async () => {
  const connection = await connect(sshd.target);
  const result = await connection.exec("yes ä€ | head -c 600000");
  expect(result.stdout).not.toContain("\ufffdä");
  expect(result.stdout.startsWith("ä€\n".repeat(1000))).toBe(true);
  connection.close();
});

test("the host key of the handshake is the server's", async () => {
  const connection = await connect({ ...sshd.target, hostKey: "" });
  expect(fingerprint(connection.hostKey)).toBe(fingerprint(sshd.hostKey));
  connection.close();
});

test("another host key than the pinned one is refused at the first attempt", async () => {
  const attempts: FailedAttempt[] = [];
  const other = generateKeyPair().publicKey;
  const problem = await problemOf(
    connect({ ...sshd.target, hostKey: other }, { onAttempt: (attempt) => attempts.push(attempt) }),
  );
  expect(attempts).toEqual([]);
  expect(problem.because).toContain("host key mismatch");
  expect(problem.because).toContain(fingerprint(other));
  expect(problem.because).toContain(fingerprint(sshd.hostKey));
});

test("a pinned type that the server does not have is a mismatch too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "key-"));
  execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-f", join(folder, "key")]);
  const hostKey = readFileSync(join(folder, "key.pub"), "utf8");
  rmSync(folder, { recursive: true });
  expect((await problemOf(connect({ ...sshd.target, hostKey }))).because).toContain("host key mismatch");
});

test("a pin that is no key is refused before anything is dialled", async () => {
  const problem = await problemOf(connect({ ...sshd.target, hostKey: "nonsense" }));
  expect(problem.because).toContain("not a public key line");
});

test("a wrong key is tried again as often as allowed, then named with the attempts", async () => {
  const attempts: FailedAttempt[] = [];
  const target = { ...sshd.target, privateKey: generateKeyPair().privateKey, dialErrorLimit: 2 };
  const problem = await problemOf(connect(target, { onAttempt: (attempt) => attempts.push(attempt) }));
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(problem.what).toContain("3 attempts");
  expect(problem.object).toContain("127.0.0.1");
  expect(problem.object).toContain(String(sshd.port));
  expect(problem.because).toMatch(/authentication/);
});

test("an unreadable private key is refused without a retry and never quoted", async () => {
  const problem = await problemOf(connect({ ...sshd.target, privateKey: "private-key-text" }));
  expect(problem.what).toContain("1 attempt");
  expect(problem.message).not.toContain("private-key-text");
});

test("a dead port ends with host, port and cause; a port that comes to life is reached", async () => {
  const port = await freePort();
  const problem = await problemOf(connect({ ...sshd.target, port, dialErrorLimit: 0 }));
  expect(problem.message).toContain(`port ${port}`);
  expect(problem.because).toContain("ECONNREFUSED");

  const late = await freePort();
  let started: Promise<Sshd> | undefined;
  const connection = connect(
    { ...sshd.target, port: late, dialErrorLimit: -1, maxRetryDelaySeconds: 0.2, hostKey: "" },
    {
      onAttempt: ({ attempt }) => {
        if (attempt === 2) started = startSshd({ port: late }).then(lendClientKey);
      },
    },
  );
  const open = await connection;
  expect((await open.exec("echo here")).stdout).toBe("here\n");
  open.close();
  await (await started)?.stop();
});

const lendClientKey = (other: Sshd): Sshd => {
  writeFileSync(join(other.folder, "authorized_keys"), `${sshd.clientKey.publicKey}\n`);
  return other;
};

test("a server that takes the connection and says nothing costs the per-dial time, not for ever", async () => {
  const sockets: Socket[] = [];
  const mute = await listen(createServer((socket) => sockets.push(socket.on("error", () => {}))));
  const problem = await problemOf(
    connect({ ...sshd.target, port: portOf(mute), perDialTimeoutSeconds: 0.3, dialErrorLimit: 1 }),
  );
  expect(problem.because).toMatch(/within 0.3 s|handshake/);
  expect(sockets).toHaveLength(2);
  for (const socket of sockets) socket.destroy();
  mute.close();
});

test("aborting ends a dial, a wait between dials and a running command", async () => {
  const port = await freePort();
  const waiting = new AbortController();
  const dial = connect(
    { ...sshd.target, port, dialErrorLimit: -1 },
    { signal: waiting.signal, onAttempt: () => waiting.abort() },
  );
  await expect(dial).rejects.toThrow(/abort/i);

  const running = new AbortController();
  const connection = await connect(sshd.target);
  let group = "";
  const command = connection.exec("echo $$; trap '' TERM; sleep 600 & wait; wait", {
    signal: running.signal,
    onStdout: (text) => {
      group = text.trim();
      running.abort();
    },
  });
  await expect(command).rejects.toThrow(/abort/i);
  expect((await connection.exec(`until ! pgrep -g ${group}; do sleep 0.05; done`)).code).toBe(0);
  connection.close();
});

test("a connection that breaks in the middle of a command is a Problem, not a result", async () => {
  const relay = await startRelay(sshd.port);
  const connection = await connect({ ...sshd.target, port: relay.port });
  const command = connection.exec("echo started; sleep 30", { onStdout: () => relay.cut() });
  expect((await problemOf(command)).what).toContain("broke while a command ran");
  expect(connection.open).toBe(false);
  relay.close();
});

test("a machine behind a proxy is reached, and each host key is checked", async () => {
  const inner = await startSshd();
  const connection = await connect({ ...inner.target, proxy: sshd.target });
  expect((await connection.exec("echo inner $SSH_CONNECTION")).stdout).toContain(`127.0.0.1 ${inner.port}`);
  expect(connection.hostKey).toContain(inner.hostKey.split(" ")[1]);
  connection.close();
  const wrongProxy = { ...sshd.target, hostKey: inner.hostKey };
  expect((await problemOf(connect({ ...inner.target, proxy: wrongProxy }))).object).toContain(
    String(sshd.port),
  );
  const wrongInner = { ...inner.target, hostKey: sshd.hostKey, proxy: sshd.target };
  expect((await problemOf(connect(wrongInner))).object).toContain(String(inner.port));
  await inner.stop();
});

test("a machine behind a proxy that goes off without a word is gone for whoever waits for it", async () => {
  const inner = await startSshd();
  const connection = await connect({ ...inner.target, proxy: sshd.target });
  const broken = await problemOf(connection.exec("kill -KILL $PPID; sleep 60"));
  expect(broken.what).toContain("the SSH connection broke");
  await connection.closed;
  await inner.stop();
});

test("forward carries bytes to a port that the machine reaches", async () => {
  const echo = await listen(createServer((socket) => socket.pipe(socket)));
  const connection = await connect(sshd.target);
  const stream = await connection.forward("127.0.0.1", portOf(echo));
  stream.write("ping");
  expect(String(await new Promise((resolve) => stream.once("data", resolve)))).toBe("ping");
  stream.destroy();
  const problem = await problemOf(connection.forward("127.0.0.1", await freePort()));
  expect(problem.what).toContain("cannot reach 127.0.0.1");
  connection.close();
  echo.close();
});

test("upload writes bytes and local files, and names the remote path when it cannot", async () => {
  const connection = await connect(sshd.target);
  const path = join(sshd.folder, "uploaded");
  await connection.upload(Buffer.from([0, 255, 10]), path);
  expect([...readFileSync(path)]).toEqual([0, 255, 10]);
  await connection.upload(join(sshd.folder, "sshd_config"), path);
  expect(readFileSync(path, "utf8")).toContain("AuthorizedKeysFile");
  const problem = await problemOf(connection.upload(Buffer.from(""), join(sshd.folder, "no/such/folder")));
  expect(problem.what).toContain("no/such/folder");
  connection.close();
});

test("password authentication answers both password and keyboard-interactive", async () => {
  for (const method of ["password", "keyboard-interactive"] as const) {
    const server = passwordServer(method, "the password");
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = (server.address() as { port: number }).port;
    const target = { host: "127.0.0.1", port, user: "somebody", password: "the password", dialErrorLimit: 0 };
    (await connect(target)).close();
    const problem = await problemOf(connect({ ...target, password: "a wrong one" }));
    expect(problem.message).not.toContain("a wrong one");
    server.close();
  }
});

function passwordServer(method: "password" | "keyboard-interactive", password: string): ssh2.Server {
  return new ssh2.Server({ hostKeys: [generateKeyPair().privateKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => {
      if (attempt.method !== method) attempt.reject([method]);
      else if (attempt.method === "password")
        attempt.password === password ? attempt.accept() : attempt.reject([method]);
      else if (attempt.method === "keyboard-interactive")
        attempt.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
          answers[0] === password ? attempt.accept() : attempt.reject([method]),
        );
    });
  });
}

test("generated keys are what OpenSSH's own tools read", () => {
  const folder = mkdtempSync(join(tmpdir(), "key-"));
  for (let i = 0; i < 20; i++) {
    const pair = generateKeyPair(`builder ${"x".repeat(i)}`.trim());
    const path = join(folder, `key${i}`);
    writeFileSync(path, pair.privateKey, { mode: 0o600 });
    writeFileSync(`${path}.pub`, `${pair.publicKey}\n`);
    expect(execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }).trim()).toBe(pair.publicKey);
    const listed = execFileSync("ssh-keygen", ["-l", "-f", `${path}.pub`], { encoding: "utf8" });
    expect(listed).toContain(fingerprint(pair.publicKey));
  }
  rmSync(folder, { recursive: true });
});

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

/** A TCP relay that can be cut, as a machine that loses its power. */
async function startRelay(to: number): Promise<{ port: number; cut: () => void; close: () => void }> {
  const { connect: dial } = await import("node:net");
  const sockets = new Set<Socket>();
  const server = await listen(
    createServer((near) => {
      const far = dial(to, "127.0.0.1");
      for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
      near.pipe(far).pipe(near);
    }),
  );
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: portOf(server), cut, close: () => server.close(cut) };
}
