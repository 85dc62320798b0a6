/** A root shell in a machine, without keys: through the host, not through the machine's sshd. */
import { spawn } from "node:child_process";
import { Control } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import type { Line } from "./line.ts";

export async function ssh({ home, args }: Line): Promise<number> {
  const [name, ...command] = args;
  if (name === undefined)
    throw new LabProblem("no machine named", "ssh needs a name", "npm run lab -- status");
  const machine = await new Control(home).machine(name);
  const [program, ...prefix] = machine.enter ?? [];
  if (program === undefined) {
    const because =
      machine.state === "Running" ? "this lab's driver runs no guests" : `it is ${machine.state}`;
    throw new LabProblem(`no shell in ${machine.name}`, because, "npm run lab -- status");
  }
  const child = spawn(program, [...prefix, ...shell(command)], {
    stdio: "inherit",
  });
  // Ctrl-C is the machine's, not this program's.
  process.on("SIGINT", () => undefined);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** As ssh has it: the words are one line for the login shell. */
function shell(command: readonly string[]): string[] {
  return command.length === 0 ? ["/bin/bash", "--login"] : ["/bin/bash", "--login", "-c", command.join(" ")];
}
