import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import { describeTarget } from "../../ssh/index.ts";
import { asRoot, sshTo } from "../machine/ask.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";

const inputs = z.strictObject({ connection: pinnedConnection, machineName: z.string().min(1), triggers });

const inputProperties = {
  connection: connectionSchema,
  machineName: { type: "string", description: "The machine's name in messages." },
  triggers: triggersSchema,
};

/** A machine that has done its work, switched off from within. */
export const powerOff: Act<z.infer<typeof inputs>, { poweredOffAt: string }> = {
  token: "guest:index:PowerOff",
  schema: {
    description: "Switches a machine off from within, once. It can be started again by its cloud.",
    properties: {
      ...inputProperties,
      poweredOffAt: { type: "string", description: "When it was told to, ISO 8601." },
    },
    required: ["connection", "machineName", "poweredOffAt"],
    inputProperties,
    requiredInputs: ["connection", "machineName"],
  },
  inputs,
  repeatedBy: ["triggers"],
  perform: async ({ connection, machineName }, { connections, signal, progress }) => {
    const target = targetOf(connection);
    await connections.use(target, signal, async (shell) => {
      await shutDown(shell, "poweroff", machineName, signal);
    });
    progress(`${machineName}: switched off`);
    return { id: machineName, outputs: { poweredOffAt: new Date().toISOString() } };
  },
};

interface ShuttingDown {
  exec(
    command: string,
    options: { signal?: AbortSignal },
  ): Promise<{ code?: number | undefined; stderr: string }>;
  readonly closed: Promise<void>;
  readonly target: Parameters<typeof describeTarget>[0];
}

/** Tells the machine to go down, and waits until it lets go of the connection. */
export async function shutDown(
  shell: ShuttingDown,
  verb: "poweroff" | "reboot",
  machineName: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { target } = shell;
  // As a unit of its own: the session's end must not end it.
  const command = `${asRoot(target.user)}systemd-run --quiet --collect systemctl ${verb}`;
  const { code, stderr } = await shell.exec(command, signal ? { signal } : {});
  if (code !== 0) {
    throw new Problem({
      what: `cannot ${verb === "reboot" ? "restart the machine" : "switch the machine off"}`,
      object: `${machineName}, ${describeTarget(target)}`,
      because: stderr.trim() || `the command ended with ${code}`,
      next: `${sshTo(target)} sudo systemctl ${verb}`,
    });
  }
  await shell.closed;
}
