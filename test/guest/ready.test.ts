import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attestationOf } from "../../providers/guest/machine/attestation.ts";
import { type ReadyRequest, reachedBy, waitUntilReady } from "../../providers/guest/machine/ready.ts";
import { fingerprint, generateKeyPair } from "../../providers/ssh/index.ts";
import { freePort, type Sshd, startSshd } from "../stand-ins/support/sshd.ts";

let sshd: Sshd;
let folder: string;
const token = "5a".repeat(32);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ready-"));
  // The machine's /etc and its cloud-init are this folder's: a forced command puts them in place of the real ones.
  writeFileSync(
    join(folder, "shell"),
    `#!/bin/bash
case "$SSH_ORIGINAL_COMMAND" in
  "cat /etc/ossea/host-key-attestation") cat ${folder}/attestation ;;
  cloud-init*) cat ${folder}/cloud-init; exit "$(cat ${folder}/cloud-init-exit)" ;;
  *) eval "$SSH_ORIGINAL_COMMAND" ;;
esac
`,
    { mode: 0o755 },
  );
  sshd = await startSshd({ config: [`ForceCommand ${folder}/shell`] });
});

afterAll(async () => {
  await sshd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function request(parts: Partial<ReadyRequest> = {}): ReadyRequest {
  return { target: sshd.target, timeoutSeconds: 30, waitForCloudInit: false, ...parts };
}

function unpinned(): ReadyRequest["target"] {
  const { hostKey: _pinned, ...target } = sshd.target;
  return target;
}

async function fault(parts: Partial<ReadyRequest>): Promise<string> {
  return waitUntilReady(request(parts), { progress: () => {} }).then(
    () => "no fault was seen",
    (error: unknown) => String(error),
  );
}

test("a pinned machine that answers is ready, with its boot", async () => {
  const ready = await waitUntilReady(request(), { progress: () => {} });
  expect(sshd.hostKey.startsWith(ready.hostKey)).toBe(true);
  expect(ready.fingerprint).toBe(fingerprint(sshd.hostKey));
  expect(ready.bootId).toMatch(/^[0-9a-f-]{36}$/u);
  expect(ready.bootedSeconds).toBeGreaterThan(0);
});

test("another host key than the pinned one is refused at once", async () => {
  const other = { ...sshd.target, hostKey: generateKeyPair("other").publicKey };
  const message = await fault({ target: other });
  expect(message).toContain("host key mismatch");
  expect(message).toContain(fingerprint(sshd.hostKey));
});

test("a machine that starts listening late is waited for, and people are told", async () => {
  const port = await freePort();
  const lines: string[] = [];
  const target = { ...unpinned(), port };
  const waiting = waitUntilReady(request({ target }), {
    progress: (line) => lines.push(line),
    tellEverySeconds: 0.2,
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  const late = createServer((client) => {
    const onward = createConnection(sshd.port, "127.0.0.1");
    client.pipe(onward).pipe(client);
  }).listen(port, "127.0.0.1");
  await waiting.finally(() => late.close());
  expect(lines[0]).toMatch(
    /^waiting for SSH of .*: the machine answers, and nothing listens on the SSH port$/u,
  );
  expect(lines.at(-1)).toMatch(/^ready after \d+\.\d s$/u);
});

test("nothing that listens is told when the time is over", async () => {
  const message = await fault({ target: { ...sshd.target, port: await freePort() }, timeoutSeconds: 1 });
  expect(message).toContain("the machine was not ready within 1 s");
  expect(message).toContain(
    "waited for SSH; at last: the machine answers, and nothing listens on the SSH port",
  );
});

test("a port that accepts and says nothing is told when the time is over", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const address = silent.address();
  const port = typeof address === "object" && address ? address.port : 0;
  expect(await fault({ target: { ...sshd.target, port }, timeoutSeconds: 1 })).toContain("no answer yet");
  silent.close();
});

test("a key that is refused is told apart from a machine that does not answer", async () => {
  const stranger = { ...sshd.target, privateKey: generateKeyPair("stranger").privateKey };
  const message = await fault({ target: stranger, timeoutSeconds: 2 });
  expect(message).toContain("sshd answers, and refuses the key for this user");
  expect(message).not.toContain("PRIVATE KEY");
});

test("each way of not answering has its words", () => {
  expect(reachedBy("connect EHOSTUNREACH 10.0.0.1:22")).toBe("no route to the machine");
  expect(reachedBy("getaddrinfo ENOTFOUND x")).toBe("the host name is not known");
  expect(reachedBy("no SSH session within 10 s")).toBe("no answer from the machine");
  expect(reachedBy("something new")).toBe("something new");
});

test("a machine that signed its key with the token is ready without a pin", async () => {
  writeFileSync(join(folder, "attestation"), `ssh-ed25519 ${attestationOf(token, sshd.hostKey)}\n`);
  const ready = await waitUntilReady(request({ target: unpinned(), attestationToken: token }), {
    progress: () => {},
  });
  expect(sshd.hostKey.startsWith(ready.hostKey)).toBe(true);
});

test.each([
  ["another key", () => attestationOf(token, generateKeyPair().publicKey)],
  ["by another token", () => attestationOf("00".repeat(32), sshd.hostKey)],
])("a machine that signed %s is refused", async (_name, digest) => {
  writeFileSync(join(folder, "attestation"), `ssh-ed25519 ${digest()}\n`);
  const message = await fault({ target: unpinned(), attestationToken: token });
  expect(message).toContain("the machine's host key is not the one that it signed");
  expect(message).not.toContain(token);
});

test("the signature may come late, and its absence is told when the time is over", async () => {
  rmSync(join(folder, "attestation"), { force: true });
  const parts = { target: unpinned(), attestationToken: token };
  const message = await fault({ ...parts, timeoutSeconds: 2 });
  expect(message).toContain("host-key-attestation is not there yet");
  const ready = waitUntilReady(request(parts), { progress: () => {} });
  await new Promise((resolve) => setTimeout(resolve, 500));
  writeFileSync(join(folder, "attestation"), `ssh-ed25519 ${attestationOf(token, sshd.hostKey)}\n`);
  await ready;
});

test("cloud-init's failure is the machine's", async () => {
  const cloudInit = (code: number, errors: string[]) => {
    writeFileSync(
      join(folder, "cloud-init"),
      JSON.stringify({ status: code === 0 ? "done" : "error", errors }),
    );
    writeFileSync(join(folder, "cloud-init-exit"), String(code));
  };
  cloudInit(0, []);
  await waitUntilReady(request({ waitForCloudInit: true }), { progress: () => {} });
  cloudInit(1, ["no datasource was found"]);
  expect(await fault({ waitForCloudInit: true })).toMatch(
    /cloud-init did not set up.*no datasource was found/su,
  );
});

test("waiting can be called off", async () => {
  const control = new AbortController();
  const port = await freePort();
  const waiting = waitUntilReady(request({ target: { ...sshd.target, port } }), {
    progress: () => {},
    signal: control.signal,
  });
  setTimeout(() => control.abort(new Error("called off")), 200);
  await expect(waiting).rejects.toThrow("called off");
});
