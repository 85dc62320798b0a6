/** A machine's tty1 in this terminal. */
import { connect } from "node:net";
import { Control } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import type { Line } from "./line.ts";

/** Ctrl-] */
const leaving = 0x1d;

export async function consoleCommand({ home, args }: Line): Promise<number> {
  const [name] = args;
  if (name === undefined)
    throw new LabProblem("no machine named", "console needs a name", "npm run lab -- status");
  const machine = await new Control(home).machine(name);
  const socket = connect(machine.consoleSocket);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) =>
      reject(new LabProblem(`no console of ${machine.name}`, error.message, "npm run lab -- status", error)),
    );
  });
  console.error(`console of ${machine.name}; Ctrl-] leaves`);
  const { stdin, stdout } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", (keys: Buffer) => {
    const end = keys.indexOf(leaving);
    if (end < 0) socket.write(keys);
    else socket.end(keys.subarray(0, end));
  });
  stdin.on("end", () => socket.end());
  socket.pipe(stdout, { end: false });
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  if (stdin.isTTY) stdin.setRawMode(false);
  stdin.destroy();
  return 0;
}
