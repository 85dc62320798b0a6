/** RandomUuid, and its kin that say which version of UUID they are. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { importRefused } from "./import-refused.ts";
import { randomResource } from "./kind.ts";

export const randomUuid = uuidResource("RandomUuid", () => randomUUID());
export const randomUuid4 = uuidResource("RandomUuid4", () => randomUUID());
export const randomUuid7 = uuidResource("RandomUuid7", () => uuid7(Date.now(), randomBytes(10)));

function uuidResource(name: string, draw: () => string) {
  return randomResource({
    name,
    description: "A random UUID, to be used as unique identifier for other resources.",
    inputs: {},
    required: [],
    outputs: { result: { type: "string", description: "The generated uuid presented in string format." } },
    type: z.looseObject({ keepers: z.record(z.string(), z.string()).optional() }),
    draw: () => {
      const result = draw();
      return { id: result, outputs: { result } };
    },
    import: (text) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(text)) {
        throw importRefused(name, `"${text}" is no UUID`, "the UUID, as 8-4-4-4-12 hexadecimal digits,");
      }
      const result = text.toLowerCase();
      return { id: result, inputs: {}, outputs: { result } };
    },
  });
}

/** 48 bits of time in milliseconds, then random bits, with version and variant in their places (RFC 9562). */
function uuid7(milliseconds: number, random: Buffer): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  random.copy(bytes, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
