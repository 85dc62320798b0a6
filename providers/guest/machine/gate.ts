import { z } from "zod";

const port = z.number().int().min(1).max(65535);
const timeoutSeconds = z.number().positive();

/** A gate as it comes over the wire; the type is appliances/types.ts. */
export const gateSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("http"),
    port,
    path: z.string().startsWith("/"),
    status: z.number().int().min(100).max(599),
    json: z.record(z.string(), z.unknown()).default({}),
    timeoutSeconds,
  }),
  z.strictObject({ kind: z.literal("socket"), port, address: z.string().min(1), timeoutSeconds }),
  z.strictObject({
    kind: z.literal("sql"),
    database: z.string().min(1),
    query: z.string().min(1),
    equals: z.string(),
    timeoutSeconds,
  }),
  z.strictObject({ kind: z.literal("unit"), state: z.enum(["active", "exited"]), timeoutSeconds }),
]);
