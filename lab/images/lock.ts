/** One process of this host at a time: the name of an abstract socket, which goes with its holder, however that ends. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { digestOf } from "../host.ts";

/** @param waiting called once when another process is at it */
export async function oneAtATime(key: string, waiting: () => void, work: () => Promise<void>): Promise<void> {
  const name = `\0ossea-image-${digestOf(key).slice(0, 32)}`;
  let lock = await take(name);
  if (!lock) waiting();
  while (!lock) {
    await endOfHolder(name);
    lock = await take(name);
  }
  try {
    await work();
  } finally {
    lock.release();
  }
}

interface Lock {
  release(): void;
}

async function take(name: string): Promise<Lock | undefined> {
  /** Whoever connects waits for the end of this process, or of its work. */
  const waiters = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    waiters.add(socket);
  });
  try {
    await once(server.listen(name), "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return undefined;
  }
  return {
    release() {
      server.close();
      for (const socket of waiters) socket.destroy();
    },
  };
}

async function endOfHolder(name: string): Promise<void> {
  const socket = connect(name);
  socket.resume();
  await new Promise((resolve) => {
    socket.once("error", resolve);
    socket.once("close", resolve);
  });
}
