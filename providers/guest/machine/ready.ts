/** Waits until a machine that just started can be worked on, and says what is waited for meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../../common/problem.ts";
import {
  type ConnectOptions,
  connect,
  describeTarget,
  fingerprint,
  type SshConnection,
  type SshTarget,
} from "../../ssh/index.ts";
import { asRoot, sshTo } from "./ask.ts";
import { attestationPath, isAttested } from "./attestation.ts";
import { judgeCloudInit } from "./cloud-init.ts";

export interface ReadyRequest {
  target: SshTarget;
  timeoutSeconds: number;
  /** Hex; given when the host key is not known before the machine's first boot. */
  attestationToken?: string;
  waitForCloudInit: boolean;
}

export interface Ready {
  hostKey: string;
  fingerprint: string;
  bootId: string;
  /** Age of the machine's first process when it was ready. */
  bootedSeconds: number;
}

export interface Waiting {
  progress: (line: string) => void;
  signal?: AbortSignal;
  /** Seconds between two progress lines. */
  tellEverySeconds?: number;
}

const pauseSeconds = 1;
const dialSeconds = 10;
const longestPauseSeconds = 2;
const bootFacts = "cat /proc/sys/kernel/random/boot_id /proc/uptime /proc/1/stat && getconf CLK_TCK";

export async function waitUntilReady(request: ReadyRequest, waiting: Waiting): Promise<Ready> {
  const began = performance.now();
  const patience = new Patience(request, waiting);
  const connection = await patience.through("SSH", (signal, attempt) => dial(request, signal, attempt));
  try {
    if (request.attestationToken !== undefined) {
      await patience.through("the host key's attestation", (signal, attempt) =>
        requireAttestation(connection, request, signal, attempt),
      );
    }
    if (request.waitForCloudInit) {
      await patience.through("cloud-init", (signal) =>
        requireCloudInit(connection, signal, waiting.progress),
      );
    }
    const facts = await patience.through("the boot facts", (signal) => readBootFacts(connection, signal));
    waiting.progress(`ready after ${seconds(performance.now() - began)}`);
    return { hostKey: connection.hostKey, fingerprint: fingerprint(connection.hostKey), ...facts };
  } finally {
    connection.close();
  }
}

type Attempt = (because: string) => void;

/** One deadline over every stage, and a line for people every few seconds. */
class Patience {
  readonly #request: ReadyRequest;
  readonly #waiting: Waiting;
  readonly #over: AbortSignal;
  readonly #began = performance.now();

  constructor(request: ReadyRequest, waiting: Waiting) {
    this.#request = request;
    this.#waiting = waiting;
    this.#over = AbortSignal.timeout(request.timeoutSeconds * 1000);
  }

  async through<T>(stage: string, work: (signal: AbortSignal, attempt: Attempt) => Promise<T>): Promise<T> {
    let last = "no answer yet";
    const name = describeTarget(this.#request.target);
    const tell = () =>
      this.#waiting.progress(
        `waiting for ${stage} of ${name} (${seconds(performance.now() - this.#began)} of ${this.#request.timeoutSeconds} s): ${last}`,
      );
    const timer = setInterval(tell, (this.#waiting.tellEverySeconds ?? 5) * 1000);
    const { signal } = this.#waiting;
    try {
      return await work(signal ? AbortSignal.any([signal, this.#over]) : this.#over, (because) => {
        last = because;
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!this.#over.aborted) throw error;
      throw notReady(this.#request, stage, last);
    } finally {
      clearInterval(timer);
    }
  }
}

async function dial(request: ReadyRequest, signal: AbortSignal, attempt: Attempt): Promise<SshConnection> {
  const options: ConnectOptions = { signal, onAttempt: ({ because }) => attempt(reachedBy(because)) };
  const target = {
    ...request.target,
    dialErrorLimit: -1,
    perDialTimeoutSeconds: dialSeconds,
    maxRetryDelaySeconds: longestPauseSeconds,
  };
  for (;;) {
    const connection = await connect(target, options);
    // During a boot sshd may let us in and be restarted, or pam_nologin may still turn users away.
    const code = await connection.exec("true", { signal, openTimeoutSeconds: dialSeconds }).then(
      (result) => result.code,
      (error: unknown) => {
        if (signal.aborted || !(error instanceof Problem)) throw error;
        return undefined;
      },
    );
    if (code === 0) return connection;
    connection.close();
    attempt(`login works, but a command ended with ${code ?? "a broken connection"}`);
    await sleep(pauseSeconds * 1000, undefined, { signal });
  }
}

/** How far a failed attempt came, in words. */
export function reachedBy(because: string): string {
  if (/ECONNREFUSED/u.test(because)) return "the machine answers, and nothing listens on the SSH port";
  if (/EHOSTUNREACH|ENETUNREACH/u.test(because)) return "no route to the machine";
  if (/ENOTFOUND|EAI_AGAIN/u.test(because)) return "the host name is not known";
  if (/All configured authentication methods failed/u.test(because)) {
    return "sshd answers, and refuses the key for this user";
  }
  if (/ETIMEDOUT|no SSH session within|Timed out/u.test(because)) return "no answer from the machine";
  return because;
}

function notReady({ target, timeoutSeconds }: ReadyRequest, stage: string, last: string): Problem {
  return new Problem({
    what: `the machine was not ready within ${timeoutSeconds} s`,
    object: describeTarget(target),
    because: `waited for ${stage}; at last: ${last}`,
    next: `${sshTo(target)} -v, or look at the machine's console`,
  });
}

/** No trust on first use: the key of this very handshake must be the one that the machine signed with its token. */
async function requireAttestation(
  connection: SshConnection,
  { attestationToken = "", target }: ReadyRequest,
  signal: AbortSignal,
  attempt: Attempt,
): Promise<void> {
  for (;;) {
    const { code, stdout } = await connection.exec(`cat ${attestationPath}`, { signal });
    if (code === 0 && stdout.trim() !== "") {
      if (isAttested(stdout, attestationToken, connection.hostKey)) return;
      throw new Problem({
        what: "the machine's host key is not the one that it signed",
        object: `${describeTarget(target)}, ${fingerprint(connection.hostKey)}`,
        because: `${attestationPath} holds no signature of this key by the token of this instance`,
        next: "find out which machine answers at this address; compare with the fingerprints on its console",
      });
    }
    attempt(`${attestationPath} is not there yet`);
    await sleep(pauseSeconds * 1000, undefined, { signal });
  }
}

async function requireCloudInit(
  connection: SshConnection,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<void> {
  const { code, stdout, stderr } = await connection.exec("cloud-init status --wait --format json", {
    signal,
  });
  const judged = judgeCloudInit(code, stdout, stderr);
  if (judged.outcome === "done") {
    for (const warning of judged.warnings) progress(`cloud-init warned: ${warning}`);
    return;
  }
  throw new Problem({
    what: "cloud-init did not set up the machine",
    object: describeTarget(connection.target),
    because: judged.reasons.join("; "),
    next: `${sshTo(connection.target)} ${asRoot(connection.target.user)}cloud-init status --long`,
  });
}

async function readBootFacts(
  connection: SshConnection,
  signal: AbortSignal,
): Promise<Pick<Ready, "bootId" | "bootedSeconds">> {
  const { code, stdout, stderr } = await connection.exec(bootFacts, { signal });
  const [bootId, uptime, first, ticks] = stdout.trim().split("\n");
  const started = Number(first?.slice(first.lastIndexOf(")") + 2).split(" ")[19]) / Number(ticks);
  const age = Number.parseFloat(uptime ?? "") - started;
  if (code !== 0 || !bootId || Number.isNaN(age)) {
    throw new Problem({
      what: "cannot read the boot facts",
      object: describeTarget(connection.target),
      because: stderr.trim() || "the answer has another form",
      next: `${sshTo(connection.target)} '${bootFacts}'`,
    });
  }
  return { bootId, bootedSeconds: Math.round(age * 100) / 100 };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
