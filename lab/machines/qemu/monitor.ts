/** A word with a running QEMU, in its machine protocol (QMP). */
import { connect } from "node:net";
import { createInterface, type Interface } from "node:readline";

export interface Monitor {
  /** @throws Error with QEMU's own words */
  tell(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Resolves with the next event of that name for which `which` is true. Events before the call are gone. */
  happens(name: string, which: (data: Readonly<Record<string, unknown>>) => boolean): Promise<void>;
}

interface Message {
  QMP?: unknown;
  return?: unknown;
  error?: { desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

/** QEMU hears one at a time; whoever comes meanwhile waits for its turn. */
export async function withMonitor<T>(socketPath: string, talk: (monitor: Monitor) => Promise<T>): Promise<T> {
  const socket = connect(socketPath);
  const lines = createInterface({ input: socket });
  const ended = new Promise<never>((_, reject) => {
    // The lines pass an error of the socket on as their own, and one that nobody hears would end the lab.
    for (const source of [lines, socket]) source.on("error", reject);
    socket.once("close", () => reject(new Error("QEMU has ended")));
  });
  ended.catch(() => undefined);
  const within = <R>(answer: Promise<R>) => Promise.race([answer, ended]);
  const monitor: Monitor = {
    async tell(command, args = {}) {
      const answer = message(lines, (said) => said.return !== undefined || said.error !== undefined);
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
      const { error, return: result } = await within(answer);
      if (error) throw new Error(`${command}: ${error.desc}`);
      return result;
    },
    async happens(name, which) {
      await within(message(lines, ({ event, data }) => event === name && which(data ?? {})));
    },
  };
  try {
    await within(message(lines, ({ QMP }) => QMP !== undefined));
    await monitor.tell("qmp_capabilities");
    return await talk(monitor);
  } finally {
    lines.close();
    socket.destroy();
  }
}

export async function tellQemu(
  socketPath: string,
  command: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await withMonitor(socketPath, (monitor) => monitor.tell(command, args));
}

function message(lines: Interface, wanted: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve) => {
    const hear = (line: string) => {
      const said = JSON.parse(line) as Message;
      if (!wanted(said)) return;
      lines.off("line", hear);
      resolve(said);
    };
    lines.on("line", hear);
  });
}
