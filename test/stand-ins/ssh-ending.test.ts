/** An exit status that comes in one packet with the session's confirmation is not lost. */
import { EventEmitter } from "node:events";
import type { ClientChannel } from "ssh2";
import { expect, test } from "vitest";
import { endingOf, watchEnding } from "../../providers/ssh/ending.ts";

function opened(): ClientChannel {
  return new EventEmitter() as ClientChannel;
}

test("an exit that is told before anyone who waits for the channel is woken", async () => {
  const channel = await new Promise<ClientChannel>((resolve) => {
    const fresh = opened();
    watchEnding(fresh);
    resolve(fresh);
    fresh.emit("exit", 0);
  });
  expect(endingOf(channel)).toEqual({ code: 0, signal: undefined });
});

test("a signal has its name without SIG, and a channel that closed without a word has no ending", () => {
  const killed = opened();
  watchEnding(killed);
  killed.emit("exit", null, "SIGTERM");
  expect(endingOf(killed)).toEqual({ code: undefined, signal: "TERM" });
  const silent = opened();
  watchEnding(silent);
  expect(endingOf(silent)).toBeUndefined();
});
