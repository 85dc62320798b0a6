/** Ends a command that is not wanted any more, with everything that it started in its process group. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientChannel } from "ssh2";

interface ChannelInternals {
  _client: { _protocol: { signal(channel: number, name: string): void } };
  outgoing: { id: number; state: string };
}

const firstGraceSeconds = 1;
const graceSeconds = 3;

/**
 * Asks sshd to signal the command. sshd refuses that for root, and what runs by sudo does not hear it: then `signalAll`,
 * when it is given, signals from a session of its own. Whoever ignores TERM is killed. Nobody waits longer than some
 * seconds for a machine that does not answer.
 */
export async function endSession(
  channel: ClientChannel,
  signalAll: ((name: "TERM" | "KILL") => Promise<unknown>) | undefined,
): Promise<void> {
  const closed = new Promise<true>((resolve) => channel.once("close", () => resolve(true)));
  const within = (seconds: number) => Promise.race([closed, after(seconds)]);
  requestSignal(channel, "TERM");
  if (!(await within(firstGraceSeconds)) && signalAll) {
    await Promise.race([signalAll("TERM"), closed, after(graceSeconds)]);
    if (!(await within(graceSeconds))) await Promise.race([signalAll("KILL"), closed, after(graceSeconds)]);
  } else if (!(await within(graceSeconds))) {
    requestSignal(channel, "KILL");
  }
  channel.close();
}

async function after(seconds: number): Promise<false> {
  return await sleep(seconds * 1000, false, { ref: false });
}

/** Channel.signal() of ssh2 stays silent once stdin has ended, although RFC 4254 allows the request until close. */
function requestSignal(channel: ClientChannel, name: string): void {
  const { _client, outgoing } = channel as unknown as ChannelInternals;
  if (outgoing.state === "open" || outgoing.state === "eof") _client._protocol.signal(outgoing.id, name);
}

/** Signals the process groups of all sessions of this connection but its own, by sudo where that may be done. */
export function signalSessionsCommand(name: "TERM" | "KILL"): string {
  const script = `for child in $(ps -o pid= --ppid "$PPID"); do
  test "$child" = "$$" && continue
  kill -s ${name} -- "-$child" 2>/dev/null
  sudo -n kill -s ${name} -- "-$child" 2>/dev/null
done`;
  return `exec sh -c '${script}'`;
}
