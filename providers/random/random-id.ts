import { z } from "zod";
import { importRefused } from "./import-refused.ts";
import { randomResource } from "./kind.ts";
import { systemSource } from "./randomness.ts";

export const randomId = randomResource({
  name: "RandomId",
  description: "A random identifier for other resources, drawn from the system's cryptographic generator.",
  inputs: {
    byteLength: {
      type: "integer",
      description:
        "The number of random bytes to produce. The minimum value is 1, which produces eight bits of randomness.",
    },
    prefix: { type: "string", description: "Arbitrary string to prefix the output value with, as it is." },
  },
  required: ["byteLength"],
  outputs: {
    b64Std: { type: "string", description: "The generated id in base64." },
    b64Url: { type: "string", description: "The generated id in base64, with the URL-friendly characters." },
    dec: { type: "string", description: "The generated id in non-padded decimal digits." },
    hex: { type: "string", description: "The generated id in padded hexadecimal digits." },
  },
  type: z.looseObject({
    byteLength: z.int().min(1),
    prefix: z.string().optional(),
    keepers: z.record(z.string(), z.string()).optional(),
  }),
  draw: ({ byteLength, prefix }) => outputsOf(systemSource(Number(byteLength)), String(prefix ?? "")),
  import: (text) => {
    const comma = text.lastIndexOf(",");
    const prefix = comma < 0 ? "" : text.slice(0, comma);
    const id = text.slice(comma + 1);
    const bytes = Buffer.from(id, "base64url");
    if (bytes.length === 0 || bytes.toString("base64url") !== id) {
      throw importRefused(
        "RandomId",
        "the id is not URL-friendly base64 without padding",
        "ID or PREFIX,ID as b64Url shows it",
      );
    }
    const inputs = { byteLength: bytes.length, ...(prefix !== "" && { prefix }) };
    return { ...outputsOf(bytes, prefix), inputs };
  },
});

function outputsOf(bytes: Buffer, prefix: string) {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return {
    id,
    outputs: {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + id,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    },
  };
}
