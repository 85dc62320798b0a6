/** A root shell in a machine, without keys: through the host, not through the machine's sshd. */
import { spawn } from "node:child_process";
import { Control } from "../control/client.ts";
import type { MachineAccess } from "../control/control.ts";
import { LabProblem } from "../errors.ts";
import type { Line } from "./line.ts";

export async function ssh({ home, args }: Line): Promise<number> {
  const [name, ...command] = args;
  if (name === undefined)
    throw new LabProblem("no machine named", "ssh needs a name", "npm run lab -- status");
  const control = new Control(home);
  const machine = await control.machine(name);
  const [program, ...prefix] = machine.enter ?? [];
  if (program === undefined) {
    throw await noShell(control, machine);
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

async function noShell(control: Control, { name, state }: MachineAccess): Promise<LabProblem> {
  const problem = (because: string, next: string) => new LabProblem(`no shell in ${name}`, because, next);
  if (state !== "Running") return problem(`it is ${state}`, "npm run lab -- status");
  const status = await control.status();
  if (status?.driver === "none") return problem("this lab's driver runs no guests", "npm run lab -- status");
  return problem(
    "it runs under QEMU, which the host cannot enter",
    "ssh with the key that it was deployed with, at its address in npm run lab -- status",
  );
}

/** As ssh has it: the words are one line for the login shell. */
function shell(command: readonly string[]): string[] {
  return command.length === 0 ? ["/bin/bash", "--login"] : ["/bin/bash", "--login", "-c", command.join(" ")];
}
