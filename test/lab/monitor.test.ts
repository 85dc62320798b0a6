/** Words with QEMU, at a stand-in that ends as QEMU does: in the middle of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tellQemu, withMonitor } from "../../lab/machines/qemu/monitor.ts";

async function emulator(answer: (socket: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lab-monitor-"));
  const path = join(folder, "monitor.sock");
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

const says = (socket: Socket, message: object) => socket.write(`${JSON.stringify(message)}\n`);

/** Greets, takes every command, and calls for the events of some. */
const willing = (events: Readonly<Record<string, object>>) => (socket: Socket) => {
  says(socket, { QMP: {} });
  socket.on("data", (text) => {
    const { execute } = JSON.parse(String(text));
    says(socket, execute === "wrong" ? { error: { desc: "no such thing" } } : { return: { execute } });
    const event = events[execute];
    if (event) says(socket, event);
  });
};

test("a command has its own answer, a refusal QEMU's words, and an event is waited for", async () => {
  const path = await emulator(willing({ device_del: { event: "DEVICE_DELETED", data: { device: "one" } } }));
  await withMonitor(path, async (monitor) => {
    expect(await monitor.tell("query-status")).toEqual({ execute: "query-status" });
    await expect(monitor.tell("wrong")).rejects.toThrow("wrong: no such thing");
    const gone = monitor.happens("DEVICE_DELETED", ({ device }) => device === "one");
    await monitor.tell("device_del", { id: "one" });
    await gone;
  });
});

test("one that ends before it answers is an error of whoever asked, and no harm to the lab", async () => {
  const ended = await emulator((socket) => socket.end());
  await expect(tellQemu(ended, "system_powerdown")).rejects.toThrow("QEMU has ended");
  // Words that nobody read any more make a reset of the end.
  const reset = await emulator((socket) => {
    says(socket, { QMP: {} });
    socket.once("readable", () => socket.destroy());
  });
  await expect(tellQemu(reset, "system_powerdown")).rejects.toThrow(/ECONNRESET|QEMU has ended/u);
  await expect(tellQemu(join(reset, "..", "nothing.sock"), "system_powerdown")).rejects.toThrow("ENOENT");
});
