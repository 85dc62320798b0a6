/** A provider as a process: what `main.ts` of each provider calls. */
import { fstatSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Provider } from "./handler.ts";
import { listen } from "./server.ts";

/** For work that is broken off to end what it began: a process, a command on a machine. */
const graceSeconds = 8;

/** The engine kills a provider that is still there 5 s after it was told to end. */
const farewellSeconds = 4;

/**
 * Serves until the engine goes away. The engine reads the port from the first line of stdout, gives its own address as
 * the last argument, and holds the other end of stdin: when that closes, the engine is gone, killed included.
 */
export async function serve<C>(provider: Provider<C>): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => /:\d+$/.test(argument));
  const listening = await listen(provider, engineAddress);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    listening.cancel("the engine is gone");
    await Promise.race([listening.idle(), sleep(graceSeconds * 1000)]);
    process.exit(0);
  };
  // The engine's way of ending a provider that it needs no more; what it wrote down is written.
  const end = async () => {
    if (!stopping) await Promise.race([listening.finish(), sleep(farewellSeconds * 1000)]);
    await stop();
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", stop);
  if (engineAddress !== undefined && stdinIsPipe()) {
    process.stdin.on("end", stop);
    process.stdin.on("error", stop);
    process.stdin.resume();
  }
  process.stdout.on("error", stop);
  process.stdout.write(`${listening.port}\n`);
}

/** A debugger or a shell may leave /dev/null there, which is at its end from the start. */
function stdinIsPipe(): boolean {
  const stdin = fstatSync(0);
  return stdin.isFIFO() || stdin.isSocket();
}
