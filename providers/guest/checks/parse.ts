/** Checks arrive as plain JSON over the wire; here they become checks again, or are refused. */
import { z } from "zod";
import { type AskedCheck, groups, type Phase } from "../../../appliances/checks/types.ts";

export const phases = ["build", "sealed", "clone", "reboot", "live"] as const satisfies readonly Phase[];

const port = z.number().int().min(1).max(65535);
const seconds = z.number().positive();
const text = z.string().min(1);

const probe = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("unit"), unit: text }),
  z.strictObject({ kind: z.literal("failed-units") }),
  z.strictObject({ kind: z.literal("http"), port, path: text, timeoutSeconds: seconds.optional() }),
  z.strictObject({ kind: z.literal("listen"), port: port.optional() }),
  z.strictObject({
    kind: z.literal("file"),
    path: text,
    text: z.boolean().optional(),
    secret: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("glob"), pattern: text }),
  z.strictObject({ kind: z.literal("environment-file"), path: text, variable: text }),
  z.strictObject({ kind: z.literal("sql"), database: text, query: text }),
  z.strictObject({ kind: z.literal("package"), name: text }),
  z.strictObject({ kind: z.literal("user"), name: text }),
  z.strictObject({ kind: z.literal("os-release") }),
  z.strictObject({ kind: z.literal("script"), script: text }),
  z.strictObject({ kind: z.literal("unit-file"), unit: text }),
]);

const matcher = z.union([
  z.strictObject({ equals: z.unknown() }),
  z.strictObject({ not: z.unknown() }),
  z.strictObject({ oneOf: z.array(z.unknown()).min(1) }),
  z.strictObject({ matches: z.string() }),
  z.strictObject({ contains: z.unknown() }),
  z.strictObject({ lacks: z.unknown() }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
  z.strictObject({ sameSet: z.array(z.unknown()) }),
  z.strictObject({ empty: z.literal(true) }),
]);

const check = z.object({
  id: text,
  title: text,
  group: z.enum(groups),
  phases: z.array(z.enum(phases)),
  severity: z.enum(["error", "warning"]),
  why: text,
  fix: text,
  probe,
  expect: z
    .record(z.string(), matcher)
    .refine((expect) => Object.keys(expect).length > 0, "a check that expects nothing proves nothing"),
});

export const checkList = z
  .array(check)
  .min(1, "a run without checks proves nothing")
  .superRefine((checks, context) => {
    const seen = new Set<string>();
    for (const [position, { id }] of checks.entries()) {
      if (seen.has(id))
        context.addIssue({ code: "custom", path: [position, "id"], message: `${id} is there twice` });
      seen.add(id);
    }
  });

export type ParsedChecks =
  | { ok: true; checks: AskedCheck[] }
  /** `path` as a property path below the list: "[3].probe.port". */
  | { ok: false; faults: { path: string; reason: string }[] };

export function parseChecks(value: unknown): ParsedChecks {
  const parsed = checkList.safeParse(value);
  if (parsed.success) return { ok: true, checks: parsed.data as AskedCheck[] };
  return {
    ok: false,
    faults: parsed.error.issues.map(({ path, message }) => ({ path: propertyPath(path), reason: message })),
  };
}

/** In Pulumi's notation: [3].probe.port. */
export function propertyPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, position) =>
      typeof part === "number" ? `[${part}]` : `${position > 0 ? "." : ""}${String(part)}`,
    )
    .join("");
}
