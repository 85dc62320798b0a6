import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectConfig } from "ssh2";
import ssh2 from "ssh2";
import { Problem } from "../../common/problem.ts";
import { SshConnection } from "./connection.ts";
import { fingerprint, type PublicKey, parsePublicKeyLines, publicKeyLine } from "./keys.ts";
import { describeTarget, type SshTarget, sshCommandLine } from "./target.ts";

export interface ConnectOptions {
  signal?: AbortSignal;
  /** One line for people, e.g. that a machine does not answer yet. Never a secret. */
  log?: (line: string) => void;
  /** Called after every failed attempt that will be followed by another. */
  onAttempt?: (attempt: FailedAttempt) => void;
}

export interface FailedAttempt {
  target: string;
  /** 1 for the first. */
  attempt: number;
  because: string;
  retryInSeconds: number;
}

const defaultPerDialTimeoutSeconds = 15;
const defaultDialErrorLimit = 10;
const firstRetryDelaySeconds = 0.1;
const retryDelayFactor = 1.5;
const defaultMaxRetryDelaySeconds = 5;
const keepAliveSeconds = 10;
const keepAliveMisses = 3;

/**
 * Opens an authenticated connection, dialling again while the machine does not answer or does not let us in yet.
 * Throws a Problem naming host, port, attempts and last cause; at once for what no retry can mend: another host
 * key than the pinned one, an unreadable key. Throws the signal's reason when it is aborted.
 */
export async function connect(target: SshTarget, options: ConnectOptions = {}): Promise<SshConnection> {
  const pinned = pinnedKeys(target);
  const proxy = target.proxy ? await connect(target.proxy, options) : undefined;
  try {
    return await dialUntilOpen(target, pinned, proxy, options);
  } catch (cause) {
    proxy?.close();
    throw cause;
  }
}

async function dialUntilOpen(
  target: SshTarget,
  pinned: PublicKey[] | undefined,
  proxy: SshConnection | undefined,
  options: ConnectOptions,
): Promise<SshConnection> {
  const limit = target.dialErrorLimit ?? defaultDialErrorLimit;
  const maxDelay = target.maxRetryDelaySeconds ?? defaultMaxRetryDelaySeconds;
  let delay = Math.min(firstRetryDelaySeconds, maxDelay);
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await dialOnce(target, pinned, proxy, options.signal);
    } catch (cause) {
      options.signal?.throwIfAborted();
      const because = reason(cause);
      if (cause instanceof Final || (limit >= 0 && attempt > limit)) {
        throw cannotConnect(target, attempt, because, cause);
      }
      options.onAttempt?.({ target: describeTarget(target), attempt, because, retryInSeconds: delay });
      options.log?.(`${describeTarget(target)} does not let us in yet (attempt ${attempt}): ${because}`);
      await sleep(delay * 1000, undefined, options.signal ? { signal: options.signal } : {});
      delay = Math.min(delay * retryDelayFactor, maxDelay);
    }
  }
}

function cannotConnect(target: SshTarget, attempts: number, because: string, cause: unknown): Problem {
  return new Problem({
    what: `cannot open an SSH connection (${attempts} attempt${attempts === 1 ? "" : "s"})`,
    object: `host ${target.host}, port ${target.port}, user ${target.user}`,
    because,
    next: cause instanceof Final ? cause.next : sshCommandLine(target),
    cause,
  });
}

/** A failed attempt that trying again cannot mend. */
class Final extends Error {
  readonly next: string;
  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

function pinnedKeys(target: SshTarget): PublicKey[] | undefined {
  if (target.hostKey === undefined || target.hostKey.trim() === "") return undefined;
  try {
    return parsePublicKeyLines(target.hostKey);
  } catch (cause) {
    const next =
      "give hostKey as `ssh-ed25519 AAAA...`, as in the machine's /etc/ssh/ssh_host_ed25519_key.pub";
    throw cannotConnect(target, 0, `the pinned host key is ${reason(cause)}`, new Final("", next));
  }
}

async function dialOnce(
  target: SshTarget,
  pinned: PublicKey[] | undefined,
  proxy: SshConnection | undefined,
  signal: AbortSignal | undefined,
): Promise<SshConnection> {
  const seconds = target.perDialTimeoutSeconds ?? defaultPerDialTimeoutSeconds;
  const tunnel = proxy ? await proxy.forward(target.host, target.port) : undefined;
  const client = new ssh2.Client();
  let seen: Buffer | undefined;
  let refused: Final | undefined;
  const config: ConnectConfig = {
    ...authentication(target),
    ...transport(target, tunnel),
    ...(pinned ? { algorithms: { serverHostKey: signatureAlgorithms(pinned) } } : {}),
    readyTimeout: seconds * 1000,
    keepaliveInterval: keepAliveSeconds * 1000,
    keepaliveCountMax: keepAliveMisses,
    hostVerifier: (key: Buffer) => {
      seen = key;
      refused =
        pinned && !pinned.some(({ blob }) => blob.equals(key)) ? wrongHostKey(pinned, key) : undefined;
      return refused === undefined;
    },
  };
  return await new Promise<SshConnection>((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      settle();
    };
    const fail = (cause: unknown) =>
      finish(() => {
        client.on("error", () => {});
        client.destroy();
        tunnel?.destroy();
        reject(refused ?? hostKeyTypeMissing(cause, pinned) ?? cause);
      });
    const onAbort = () => fail(signal?.reason);
    const timer =
      seconds > 0
        ? setTimeout(() => fail(new Error(`no SSH session within ${seconds} s`)), seconds * 1000)
        : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    client.once("error", fail);
    client.once("close", () => fail(new Error("the machine closed the connection during the handshake")));
    client.once("ready", () => {
      // Many small questions through one tunnel would each wait for a delayed acknowledgement, some 40 ms.
      client.setNoDelay(true);
      finish(() =>
        resolve(new SshConnection({ client, target, hostKey: publicKeyLine(seen as Buffer), proxy, tunnel })),
      );
    });
    if (target.password !== undefined) {
      const password = target.password;
      client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
        answer(prompts.map(() => password)),
      );
    }
    try {
      client.connect(config);
    } catch (cause) {
      fail(new Final(reason(cause), "give the whole private key, and privateKeyPassword if it has one"));
    }
  });
}

/** The methods in the order key, password, agent: a private key takes precedence over a password. */
function authentication(target: SshTarget): ConnectConfig {
  const methods: ("publickey" | "password" | "keyboard-interactive" | "agent" | "none")[] = [];
  const config: ConnectConfig = { username: target.user };
  if (target.privateKey !== undefined) {
    methods.push("publickey");
    config.privateKey = target.privateKey;
    if (target.privateKeyPassword !== undefined) config.passphrase = target.privateKeyPassword;
  }
  if (target.password !== undefined) {
    methods.push("password", "keyboard-interactive");
    config.password = target.password;
    config.tryKeyboard = true;
  }
  if (target.agentSocketPath !== undefined) {
    methods.push("agent");
    config.agent = target.agentSocketPath;
  }
  config.authHandler = methods.length > 0 ? methods : ["none"];
  return config;
}

function transport(target: SshTarget, tunnel: Duplex | undefined): ConnectConfig {
  return tunnel ? { sock: tunnel } : { host: target.host, port: target.port };
}

/** A server with several host keys must be asked for the pinned one, or it shows another. */
function signatureAlgorithms(pinned: PublicKey[]): SignatureAlgorithm[] {
  return pinned.flatMap(({ type }) =>
    type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type],
  ) as SignatureAlgorithm[];
}
type SignatureAlgorithm =
  NonNullable<NonNullable<ConnectConfig["algorithms"]>["serverHostKey"]> extends infer T
    ? T extends readonly (infer Name)[]
      ? Name
      : never
    : never;

function wrongHostKey(pinned: PublicKey[], seen: Buffer): Final {
  return new Final(
    `host key mismatch: the machine shows ${fingerprint(seen)}, pinned is ${pinned.map(({ blob }) => fingerprint(blob)).join(" or ")}`,
    "find out which machine answers at this address; only then pin its key",
  );
}

/** A server without any key of the pinned types fails in the negotiation, before it shows a key. */
function hostKeyTypeMissing(cause: unknown, pinned: PublicKey[] | undefined): Final | undefined {
  if (!pinned || !/no matching host key format/i.test(reason(cause))) return undefined;
  return new Final(
    `host key mismatch: the machine has no key of the pinned type ${pinned.map(({ type }) => type).join(", ")}`,
    "find out which machine answers at this address; only then pin its key",
  );
}

function reason(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(reason).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}
