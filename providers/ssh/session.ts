/**
 * Sessions whose environment variables are asked for one by one. ssh2 itself sends them without asking for an answer, so
 * that nobody learns what sshd dropped; the requests are made on its protocol object, whose version is pinned.
 */
import type { Client, ClientChannel } from "ssh2";
import { watchEnding } from "./ending.ts";

const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

interface Protocol {
  session(channel: number, window: number, packet: number): void;
  env(channel: number, name: string, value: string, wantReply: boolean): void;
  exec(channel: number, command: string, wantReply: boolean): void;
}

type Opened = (cause: Error | undefined, channel?: RawChannel) => void;

interface RawClient {
  _protocol: Protocol;
  _chanMgr: { add(opened: Opened & { type: string }): number };
}

type RawChannel = ClientChannel & RawState;

interface RawState {
  outgoing: { id: number; state: string };
  subtype: string;
  _callbacks: ((failed: boolean | Error) => void)[];
}

/**
 * Opens a session, sets its variables and runs the command.
 * @param refused told every variable that sshd does not take; throwing ends the session before the command is sent
 */
export async function execWithEnvironment(
  client: Client,
  command: string,
  environment: Record<string, string>,
  refused: (name: string) => void,
): Promise<ClientChannel> {
  const raw = client as unknown as RawClient;
  const channel = await openSession(raw);
  const answers = Object.entries(environment).map(async ([name, value]) => {
    const taken = await ask(channel, () => raw._protocol.env(channel.outgoing.id, name, value, true));
    return { name, taken };
  });
  try {
    for (const { name, taken } of await Promise.all(answers)) if (!taken) refused(name);
  } catch (error) {
    channel.close();
    throw error;
  }
  watchEnding(channel);
  const started = await ask(channel, () => raw._protocol.exec(channel.outgoing.id, command, true));
  if (!started) {
    channel.close();
    throw new Error("Unable to exec");
  }
  channel.subtype = "exec";
  return channel;
}

async function openSession(client: RawClient): Promise<RawChannel> {
  return await new Promise((resolve, reject) => {
    const opened: Opened = (cause, channel) =>
      channel ? resolve(channel) : reject(cause ?? new Error("the session was not opened"));
    const id = client._chanMgr.add(Object.assign(opened, { type: "session" }));
    if (id < 0) reject(new Error("no free channel"));
    else client._protocol.session(id, windowBytes, packetBytes);
  });
}

/** Whether the server said yes. Answers come in the order of the requests. */
async function ask(channel: RawChannel, send: () => void): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    if (channel.outgoing.state !== "open") {
      reject(new Error("the channel was closed"));
      return;
    }
    channel._callbacks.push((failed) => (failed instanceof Error ? reject(failed) : resolve(!failed)));
    send();
  });
}
