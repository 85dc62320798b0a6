/**
 * What all resources of this provider have in common: each is something done once on a machine, and its result. There
 * is nothing to read back and nothing to delete; what was done goes with the machine.
 */
import { z } from "zod";
import type { Connections } from "../../ssh/index.ts";

export interface Act<Inputs, Outputs> {
  /** "guest:index:SshKey". */
  token: string;
  /** Pulumi's description of the resource; the only place where its properties are declared for programs. */
  schema: object;
  inputs: z.ZodType<Inputs>;
  /** Inputs whose change means that the act is done again. All others only move in the state. */
  repeatedBy: readonly (keyof Inputs & string)[];
  /** Done again in place when any of these moves, without a new resource. */
  renewedBy?: readonly (keyof Inputs & string)[];
  perform(inputs: Inputs, tools: Tools): Promise<{ id: string; outputs: Outputs }>;
}

export interface Tools {
  connections: Connections;
  signal: AbortSignal | undefined;
  /** One line for the person who waits. */
  progress(line: string): void;
  /** The project's folder, from which paths in inputs count. */
  root: string;
}

export const triggers = z.record(z.string(), z.string()).optional();

const login = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535).default(22),
  user: z.string().min(1),
  privateKey: z.string().min(1),
  hostKey: z.string().min(1).optional(),
});

export const connectionInput = login.extend({ proxy: login.optional() });

/** A machine whose host key is known: everything but the first look at a newborn one. */
export const pinnedConnection = connectionInput.refine(({ hostKey }) => hostKey !== undefined, {
  path: ["hostKey"],
  message: "give the machine's host key; SshReady's output hostKey is one",
});

export const connectionSchema = {
  $ref: "#/types/guest:index:Connection",
  secret: true,
  description: "How the machine is reached over SSH.",
};

export const triggersSchema = {
  type: "object",
  additionalProperties: { type: "string" },
  description: "Any values; when one of them moves, this is done again.",
};

/** Types that several resources use. */
export const sharedTypes = {
  "guest:index:Connection": {
    type: "object",
    description: "How a machine is reached over SSH.",
    properties: {
      host: { type: "string", description: "Address or name of the machine." },
      port: { type: "integer", default: 22, description: "TCP port of SSH." },
      user: { type: "string", description: "Who logs in; by sudo without a password when it is not root." },
      privateKey: { type: "string", secret: true, description: "Private key in OpenSSH or PEM format." },
      hostKey: {
        type: "string",
        description: "The only host key to accept, as `ssh-ed25519 AAAA...`.",
      },
      proxy: {
        $ref: "#/types/guest:index:Connection",
        description: "A machine to go through; it has no proxy of its own.",
      },
    },
    required: ["host", "user", "privateKey"],
  },
};
