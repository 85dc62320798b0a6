import { z } from "zod";
import { type Ready, waitUntilReady } from "../machine/ready.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";
import { shutDown } from "./power-off.ts";

const inputs = z.strictObject({
  connection: pinnedConnection,
  machineName: z.string().min(1),
  timeoutSeconds: z.number().positive().default(300),
  triggers,
});

export interface RestartOutputs {
  bootId: string;
  bootedSeconds: number;
  seconds: number;
}

const inputProperties = {
  connection: connectionSchema,
  machineName: { type: "string", description: "The machine's name in messages." },
  timeoutSeconds: {
    type: "number",
    default: 300,
    description: "How long the machine may take until it answers again, in seconds.",
  },
  triggers: triggersSchema,
};

const outputProperties = {
  bootId: { type: "string", description: "The kernel's id of the new boot." },
  bootedSeconds: { type: "number", description: "Age of the new boot's first process when SSH answered." },
  seconds: { type: "number", description: "From the command until SSH answered again." },
};

/** A machine restarted from within, as its operator does it, and waited for. */
export const restart: Act<z.infer<typeof inputs>, RestartOutputs> = {
  token: "guest:index:Restart",
  schema: {
    description: "Restarts a machine from within, and waits until it answers over SSH in another boot.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", "machineName", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection", "machineName"],
  },
  inputs,
  repeatedBy: ["triggers"],
  perform: async ({ connection, machineName, timeoutSeconds }, { connections, signal, progress }) => {
    const target = targetOf(connection);
    const began = performance.now();
    const waiting = { progress, ...(signal ? { signal } : {}) };
    const before = await connections.use(target, signal, async (shell) => {
      const { stdout } = await shell.exec("cat /proc/sys/kernel/random/boot_id", signal ? { signal } : {});
      progress(`${machineName}: restarting`);
      await shutDown(shell, "reboot", machineName, signal);
      return stdout.trim();
    });
    const deadline = began + timeoutSeconds * 1000;
    let ready: Ready;
    // While it goes down sshd may let us in once more.
    do {
      const left = Math.max(1, Math.ceil((deadline - performance.now()) / 1000));
      ready = await waitUntilReady({ target, timeoutSeconds: left, waitForCloudInit: false }, waiting);
    } while (ready.bootId === before);
    const seconds = Math.round(performance.now() - began) / 1000;
    progress(`${machineName}: answers again after ${seconds.toFixed(1)} s`);
    return {
      id: ready.bootId,
      outputs: { bootId: ready.bootId, bootedSeconds: ready.bootedSeconds, seconds },
    };
  },
};
