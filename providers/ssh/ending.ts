/**
 * How a command ended. sshd may send the exit status in one packet with the session's confirmation, and ssh2 then tells it
 * before anyone who waits for the session is woken: so it is written down from the very first moment.
 */
import type { ClientChannel } from "ssh2";

export interface Ending {
  code: number | undefined;
  /** Without SIG. */
  signal: string | undefined;
}

const endings = new WeakMap<ClientChannel, Ending>();

/** To be called in the callback that brings the channel, not after a wait. */
export function watchEnding(channel: ClientChannel): void {
  channel.once("exit", (code: number | null, signal?: string) => {
    endings.set(channel, { code: code ?? undefined, signal: signal?.replace(/^SIG/, "") });
  });
}

/** Undefined when the channel closed without a word: the connection broke. */
export function endingOf(channel: ClientChannel): Ending | undefined {
  return endings.get(channel);
}
