import { z } from "zod";
import { type Ready, waitUntilReady } from "../machine/ready.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionInput, connectionSchema, triggers, triggersSchema } from "./act.ts";

const inputs = z
  .strictObject({
    connection: connectionInput,
    timeoutSeconds: z.number().positive().default(300),
    attestationToken: z
      .string()
      .regex(/^([0-9a-f]{2}){16,}$/u, "a token is at least 16 bytes, written in hex")
      .optional(),
    waitForCloudInit: z.boolean().default(false),
    triggers,
  })
  .refine(({ connection, attestationToken }) => (connection.hostKey ?? attestationToken) !== undefined, {
    path: ["connection", "hostKey"],
    message: "give the machine's host key, or an attestationToken by which the machine proves it",
  });

const inputProperties = {
  connection: connectionSchema,
  timeoutSeconds: { type: "number", default: 300, description: "How long to wait, in seconds." },
  attestationToken: {
    type: "string",
    secret: true,
    description:
      'Hex. A machine that makes its host key on its first boot signs the key with this token, which only it was told: `/etc/ossea/host-key-attestation` holds lines `<type> <hex HMAC-SHA256 of "<type> <base64>">`, keyed with the token\'s bytes. The machine is refused when the key of the connection is not signed.',
  },
  waitForCloudInit: {
    type: "boolean",
    default: false,
    description: "Wait until cloud-init is done, too, and refuse a machine on which it failed.",
  },
  triggers: triggersSchema,
};

const outputProperties = {
  hostKey: {
    type: "string",
    description: "The host key of the machine, `ssh-ed25519 AAAA...`; to be pinned.",
  },
  fingerprint: { type: "string", description: "`SHA256:...` of the host key." },
  bootId: { type: "string", description: "The kernel's id of this boot." },
  bootedSeconds: { type: "number", description: "Age of the machine's first process when it was ready." },
};

/** A machine that can be worked on: SSH answers, the login works, and it is the right machine. */
export const sshReady: Act<z.infer<typeof inputs>, Ready> = {
  token: "guest:index:SshReady",
  schema: {
    description:
      "Waits until a machine answers over SSH and lets us in. Never trusts a host key on first use.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection"],
  },
  inputs,
  repeatedBy: ["triggers"],
  perform: async (
    { connection, timeoutSeconds, attestationToken, waitForCloudInit },
    { progress, signal },
  ) => {
    const ready = await waitUntilReady(
      {
        target: targetOf(connection),
        timeoutSeconds,
        waitForCloudInit,
        ...(attestationToken === undefined ? {} : { attestationToken }),
      },
      { progress, ...(signal ? { signal } : {}) },
    );
    return { id: ready.bootId, outputs: ready };
  },
};
