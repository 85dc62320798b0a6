import { compare, genSalt, hash } from "bcryptjs";
import type { Properties } from "../rpc/index.ts";
import {
  characterFaults,
  characterInputs,
  characterType,
  drawCharacters,
  keepsCharacters,
  lengthOf,
  plannedCharacters,
  upgradeCharacters,
} from "./characters.ts";
import { randomResource } from "./kind.ts";

const schemaVersion = 3;
const bcryptRounds = 10;

export const randomPassword = randomResource({
  name: "RandomPassword",
  description: "A random string that is a secret, drawn from the system's cryptographic generator.",
  inputs: characterInputs,
  required: ["length"],
  outputs: {
    result: { type: "string", secret: true, description: "The generated random string." },
    bcryptHash: {
      type: "string",
      secret: true,
      description: "A bcrypt hash of the generated random string.",
    },
  },
  type: characterType,
  schemaVersion,
  planned: plannedCharacters,
  faults: characterFaults,
  draw: async (planned) => ({ id: "none", outputs: await outputsOf(drawCharacters(planned)) }),
  import: async (password) => ({
    id: "none",
    inputs: { length: lengthOf(password) },
    outputs: await outputsOf(password),
  }),
  upgrade,
  keeps: keepsCharacters,
});

async function outputsOf(result: string): Promise<Properties> {
  return { result, bcryptHash: await bcrypt(result) };
}

/** Hashes of the first form carry the mark that the official provider writes; both marks mean the same algorithm. */
async function bcrypt(text: string): Promise<string> {
  const salt = await genSalt(bcryptRounds);
  return await hash(text, salt.replace(/^\$2b\$/u, "$2a$"));
}

/** Version 0 had no hash, and hashes of version 2 may be of another text. */
async function upgrade(state: Properties): Promise<Properties> {
  const full = upgradeCharacters(state);
  if (versionOf(state) >= schemaVersion) return full;
  const result = String(state.result);
  const good = typeof state.bcryptHash === "string" && (await compare(result, state.bcryptHash));
  const bcryptHash = good ? state.bcryptHash : await bcrypt(result);
  return { ...full, bcryptHash, __meta: JSON.stringify({ schema_version: String(schemaVersion) }) };
}

function versionOf(state: Properties): number {
  const found = /"schema_version":"(\d+)"/u.exec(String(state.__meta ?? ""));
  return found ? Number(found[1]) : 0;
}
