import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Client, ClientChannel, SFTPWrapper } from "ssh2";
import { Problem } from "../../common/problem.ts";
import { endingOf, watchEnding } from "./ending.ts";
import { RemoteFiles } from "./files.ts";
import { execWithEnvironment } from "./session.ts";
import { endSession, signalSessionsCommand } from "./session-end.ts";
import { describeTarget, type SshTarget, sshCommandLine } from "./target.ts";

export interface ExecOptions {
  /** Sent to the command, then closed. The only way in for a secret. */
  stdin?: string | Buffer | Readable;
  /** Asked for with SSH env requests; sshd refuses what its AcceptEnv does not name. */
  environment?: Record<string, string>;
  /** Told every variable that sshd refused. What it throws is thrown before the command is sent. */
  onRefusedVariable?: (name: string) => void;
  /** Aborting ends the command's process group (TERM, then KILL), closes the channel and throws the signal's reason. */
  signal?: AbortSignal;
  onStdout?: (text: string) => void;
  onStderr?: (text: string) => void;
  /** Longest wait for the session to open, in seconds; nothing has been sent to the machine by then. */
  openTimeoutSeconds?: number;
}

export interface ExecResult {
  /** Undefined when a signal ended the command. */
  code: number | undefined;
  /** Without SIG, e.g. "TERM". */
  signal: string | undefined;
  stdout: string;
  stderr: string;
}

/** The session could not be opened: the command was surely not sent. */
export class SessionNotOpened extends Problem {}

/** One authenticated SSH connection; any number of commands, transfers and tunnels share it. */
export class SshConnection {
  readonly target: SshTarget;
  /** The key that the machine showed in the handshake, as `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #client: Client;
  readonly #proxy: SshConnection | undefined;
  #sftp: Promise<SFTPWrapper> | undefined;
  #lost: string | undefined;
  /** Commands under way that nobody has given up. */
  #wanted = 0;

  constructor(parts: {
    client: Client;
    target: SshTarget;
    hostKey: string;
    proxy?: SshConnection | undefined;
    /** The channel through the proxy. */
    tunnel?: Duplex | undefined;
  }) {
    this.#client = parts.client;
    this.target = parts.target;
    this.hostKey = parts.hostKey;
    this.#proxy = parts.proxy;
    this.#client.on("error", (cause) => {
      this.#lost ??= cause.message;
    });
    // A channel through another machine stays open until both ends close it: a connection to a machine that was
    // switched off never went away.
    parts.tunnel?.once("end", () => parts.tunnel?.destroy());
    this.closed = new Promise((resolve) => {
      this.#client.once("close", () => {
        this.#lost ??= "the connection was closed";
        this.#proxy?.close();
        resolve();
      });
    });
  }

  get open(): boolean {
    return this.#lost === undefined;
  }

  /**
   * Runs a command by the user's login shell and gathers its output as UTF-8.
   * A command that fails is a result; a Problem is thrown when the session cannot be opened (SessionNotOpened)
   * or the connection breaks before the command's end.
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    const channel = await this.#openSession(command, options);
    const stdout = new Gathered(options.onStdout);
    const stderr = new Gathered(options.onStderr);
    channel.on("data", (chunk: Buffer) => stdout.add(chunk));
    channel.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    channel.on("error", () => {});
    this.#wanted++;
    await new Promise<void>((resolve) => {
      channel.once("close", () => resolve());
      options.signal?.addEventListener("abort", () => resolve(), { once: true });
      feed(channel, options.stdin);
    });
    this.#wanted--;
    if (options.signal?.aborted) {
      await endSession(channel, (name) => this.#signalAll(name));
      throw options.signal.reason;
    }
    const ended = endingOf(channel);
    if (!ended) throw this.#problem("the SSH connection broke while a command ran");
    return { ...ended, stdout: stdout.end(), stderr: stderr.end() };
  }

  /** What others still want on this connection must not be hit: then sshd's own signal has to do. */
  async #signalAll(name: "TERM" | "KILL"): Promise<void> {
    if (this.#wanted > 0 || !this.open) return;
    const channel = await this.#openSession(signalSessionsCommand(name), {});
    const closed = new Promise((resolve) => channel.once("close", resolve));
    channel.resume().end();
    await closed;
  }

  async #openSession(command: string, options: ExecOptions): Promise<ClientChannel> {
    return await new Promise<ClientChannel>((resolve, reject) => {
      const seconds = options.openTimeoutSeconds ?? 0;
      // A late answer would still send the command, so the whole connection goes.
      const giveUp = () => {
        this.#lost ??= `the machine did not open a session within ${seconds} s`;
        this.#client.destroy();
      };
      const timer = seconds > 0 ? setTimeout(giveUp, seconds * 1000) : undefined;
      const settle = (cause: Error | undefined, channel?: ClientChannel) => {
        clearTimeout(timer);
        if (channel) {
          watchEnding(channel);
          resolve(channel);
        } else reject(this.#problem("cannot open an SSH session", cause, SessionNotOpened));
      };
      void this.closed.then(() => settle(undefined));
      let refusal: unknown;
      const refused = (name: string) => {
        try {
          options.onRefusedVariable?.(name);
        } catch (error) {
          refusal = error;
          throw error;
        }
      };
      try {
        const { environment = {} } = options;
        if (Object.keys(environment).length === 0) this.#client.exec(command, settle);
        else {
          execWithEnvironment(this.#client, command, environment, refused).then(
            (channel) => settle(undefined, channel),
            (cause) => {
              clearTimeout(timer);
              if (cause === refusal) reject(cause);
              else settle(cause);
            },
          );
        }
      } catch (cause) {
        settle(cause as Error);
      }
    });
  }

  /** A byte stream to `host:port` as seen from the machine (direct-tcpip). */
  async forward(host: string, port: number): Promise<Duplex> {
    return await new Promise((resolve, reject) => {
      const fail = (cause?: Error) =>
        reject(this.#problem(`cannot reach ${host}:${port} from the machine`, cause));
      void this.closed.then(() => fail());
      try {
        this.#client.forwardOut("127.0.0.1", 0, host, port, (cause, channel) =>
          cause ? fail(cause) : resolve(channel),
        );
      } catch (cause) {
        fail(cause as Error);
      }
    });
  }

  /** The SFTP session, opened at the first call and shared. */
  sftp(): Promise<SFTPWrapper> {
    this.#sftp ??= new Promise((resolve, reject) => {
      const fail = (cause?: Error) => reject(this.#problem("cannot open SFTP", cause, SessionNotOpened));
      void this.closed.then(() => fail());
      try {
        this.#client.sftp((cause, sftp) => (cause ? fail(cause) : resolve(sftp)));
      } catch (cause) {
        fail(cause as Error);
      }
    });
    return this.#sftp;
  }

  /** The machine's files, by the shared SFTP session. */
  async files(signal?: AbortSignal): Promise<RemoteFiles> {
    return new RemoteFiles(await this.sftp(), this.target, signal);
  }

  /** Writes a file on the machine: the content of a local path, or the bytes given. Mode is that of the umask. */
  async upload(source: string | Buffer, remotePath: string): Promise<void> {
    await (await this.files()).write(source, remotePath);
  }

  /** Ends the connection; commands that still run are broken off. */
  close(): void {
    this.#client.end();
  }

  #problem(what: string, cause?: Error, Class: typeof Problem = Problem): Problem {
    return new Class({
      what,
      object: describeTarget(this.target),
      because: cause?.message ?? this.#lost ?? "the connection was closed",
      next: sshCommandLine(this.target),
      cause,
    });
  }
}

function feed(channel: ClientChannel, stdin: ExecOptions["stdin"]): void {
  if (stdin instanceof Readable) stdin.on("error", () => channel.close()).pipe(channel);
  else channel.end(stdin);
}

class Gathered {
  readonly #decoder = new StringDecoder("utf8");
  readonly #parts: string[] = [];
  readonly #tell: ((text: string) => void) | undefined;
  constructor(tell: ((text: string) => void) | undefined) {
    this.#tell = tell;
  }
  add(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }
  end(): string {
    this.#take(this.#decoder.end());
    return this.#parts.join("");
  }
  #take(text: string): void {
    if (text === "") return;
    this.#parts.push(text);
    this.#tell?.(text);
  }
}
