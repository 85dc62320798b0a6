/** A lab of rows only, and a door in front of it that counts what goes through. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseEnvironmentLines } from "../../toolchain/environment.ts";
import { root } from "../../toolchain/project.ts";

const execute = promisify(execFile);

export interface CountingLab {
  /** CLOUDSTACK_* of the lab behind the door. */
  environment: Record<string, string>;
  /** Command -> number of requests, since the last time that it was asked. */
  counted(): Record<string, number>;
  end(): Promise<void>;
}

export async function countingLab(): Promise<CountingLab> {
  const home = mkdtempSync(join(tmpdir(), "counting-lab-"));
  const lab = (...args: string[]) =>
    execute(process.execPath, [join(root, "lab/main.ts"), "--home", home, ...args]);
  await lab("up", "--driver", "none");
  const keys = parseEnvironmentLines((await lab("env")).stdout);
  const target = new URL(keys.CLOUDSTACK_API_URL ?? "");
  const counts = new Map<string, number>();
  const door = createServer(async (incoming, response) => {
    const parts: Buffer[] = [];
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const { searchParams } = new URL(incoming.url ?? "/", target);
    const command = searchParams.get("command") ?? new URLSearchParams(body.toString()).get("command") ?? "";
    counts.set(command, (counts.get(command) ?? 0) + 1);
    const { method, headers, url: path } = incoming;
    const onwards = request({ host: target.hostname, port: target.port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => door.once("listening", resolve));
  const { port } = door.address() as AddressInfo;
  return {
    environment: { ...keys, CLOUDSTACK_API_URL: `http://127.0.0.1:${port}${target.pathname}` },
    counted: () => {
      const seen = Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
      counts.clear();
      return seen;
    },
    end: async () => {
      door.closeAllConnections();
      door.close();
      await lab("reset");
      rmSync(home, { recursive: true, force: true });
    },
  };
}
