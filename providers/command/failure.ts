/** The error of a command that failed. */
import { Problem } from "../../common/problem.ts";

const longestCommand = 2000;
// Errors travel in a header of the answer, which holds 64 KiB at most, each odd character taking three.
const longestOutput = 8000;

export interface FailedCommand {
  command: string;
  /** In the words of the official provider: "Process exited with status 3", "exit status 3". */
  end: string;
  /** What it wrote, stdout and stderr as they came. */
  output: string;
  /** Where: "root@10.0.0.5:22", "this machine". */
  place: string;
  next: string;
}

export function commandFailed({ command, end, output, place, next }: FailedCommand): Problem {
  const text = output.trimEnd();
  return new Problem({
    what: `${end}: running ${JSON.stringify(shortened(command))}`,
    object: place,
    because: text === "" ? "it wrote nothing" : `it wrote\n${lastOf(text)}`,
    next,
  });
}

function shortened(command: string): string {
  return command.length > longestCommand ? `${command.slice(0, longestCommand)}...` : command;
}

function lastOf(text: string): string {
  if (text.length <= longestOutput) return text;
  const end = text.slice(-longestOutput);
  return `(${text.length - longestOutput} characters before)\n${end.slice(end.indexOf("\n") + 1)}`;
}
