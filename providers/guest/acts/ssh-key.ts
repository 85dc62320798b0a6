import { z } from "zod";
import { fingerprint, generateKeyPair } from "../../ssh/index.ts";
import type { Act } from "./act.ts";

const inputs = z.strictObject({
  comment: z
    .string()
    .regex(/^[^\n\r]*$/u, "a comment is one line")
    .optional(),
  keepers: z.record(z.string(), z.string()).optional(),
});

export interface SshKeyOutputs {
  privateKey: string;
  publicKey: string;
  fingerprint: string;
}

const keyProperties = {
  privateKey: { type: "string", secret: true, description: "Private key in OpenSSH format, not encrypted." },
  publicKey: { type: "string", description: "`ssh-ed25519 AAAA... comment`." },
  fingerprint: { type: "string", description: "`SHA256:...`, as `ssh-keygen -l` prints it." },
};

const inputProperties = {
  comment: { type: "string", description: "Comment at the end of the public key." },
  keepers: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "Any values; when one of them moves, a new key is made.",
  },
};

/** An ed25519 key pair, made here and kept in the state alone. */
export const sshKey: Act<z.infer<typeof inputs>, SshKeyOutputs> = {
  token: "guest:index:SshKey",
  schema: {
    description: "An ed25519 key pair for SSH, made on this computer.",
    properties: { ...inputProperties, ...keyProperties },
    required: Object.keys(keyProperties),
    inputProperties,
  },
  inputs,
  repeatedBy: ["comment", "keepers"],
  perform: async ({ comment }) => {
    const pair = generateKeyPair(comment ?? "");
    const print = fingerprint(pair.publicKey);
    return { id: print, outputs: { ...pair, fingerprint: print } };
  },
};
