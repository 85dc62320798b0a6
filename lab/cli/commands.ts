/** The commands of the lab's command line. */
import { consoleCommand } from "./console.ts";
import { down, reset } from "./down.ts";
import { env } from "./env.ts";
import { inject } from "./inject.ts";
import type { Line } from "./line.ts";
import { logs } from "./logs.ts";
import { screen } from "./screen.ts";
import { seed } from "./seed.ts";
import { ssh } from "./ssh.ts";
import { state } from "./state.ts";
import { status } from "./status.ts";
import { up } from "./up.ts";

export interface CliCommand {
  usage: string;
  /** Exit status. */
  run(line: Line): Promise<number>;
}

const help: CliCommand = {
  usage: "help                      this text",
  async run() {
    console.log(usageText());
    return 0;
  },
};

export const commands: Readonly<Record<string, CliCommand>> = {
  up: {
    usage:
      "up [--driver NAME] [--seed WORD]  starts the lab; NAME: nspawn, qemu (real kernels), none (no guests)",
    run: up,
  },
  down: { usage: "down                      stops all machines and leaves nothing running", run: down },
  status: { usage: "status [--json]           endpoint, machines, templates", run: status },
  reset: { usage: "reset                     down, and everything is deleted, keys too", run: reset },
  env: { usage: "env                       KEY=VALUE lines for clients", run: env },
  ssh: { usage: "ssh NAME [COMMAND...]     root shell in a machine", run: ssh },
  console: { usage: "console NAME              the machine's tty1; Ctrl-] leaves", run: consoleCommand },
  screen: {
    usage: "screen NAME FILE          a picture (PNG) of the screen of a machine of QEMU's",
    run: screen,
  },
  logs: { usage: "logs [-f]                 the lab's log", run: logs },
  inject: {
    usage: "inject FAULT [KEY=VALUE]  makes a fault happen; --list shows all, --clear ends them",
    run: inject,
  },
  state: {
    usage: "state save|restore|delete|list NAME  the whole lab under a name, and back; list shows them",
    run: state,
  },
  seed: {
    usage: "seed [WORD|--off]         ids to come follow from the word, so that they repeat",
    run: seed,
  },
  help,
};

export const usage = "npm run lab -- help";

function usageText(): string {
  const rows = Object.values(commands).map(({ usage }) => usage.split(/ {2,}/));
  const width = Math.max(...rows.map(([words = ""]) => words.length));
  const lines = rows.map(([words = "", meaning]) => `  ${words.padEnd(width)}  ${meaning}`);
  return ["npm run lab -- [--home DIR] COMMAND", "", ...lines].join("\n");
}
