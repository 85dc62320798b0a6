import { expect, test } from "vitest";
import { guestProvider } from "../../providers/guest/provider.ts";
import { acts } from "../../providers/guest/schema.ts";
import { schemaOf } from "../../providers/rpc/index.ts";

const schema = schemaOf(guestProvider("."));

interface Spec {
  properties: Record<string, unknown>;
  required?: string[];
  inputProperties: Record<string, unknown>;
  requiredInputs?: string[];
}

const specs = acts.map((act) => ({ act, spec: act.schema as Spec }));

test("the package has its resources", () => {
  expect(Object.keys(schema.resources ?? {})).toEqual(
    [
      "SshKey",
      "SshReady",
      "Database",
      "Service",
      "Checks",
      "TwinComparison",
      "Restart",
      "PowerOff",
      "Inventory",
      "ProofReport",
    ].map((name) => `guest:index:${name}`),
  );
});

test.each(specs)("$act.token declares the very inputs that it reads", ({ act, spec }) => {
  const { shape } = act.inputs as unknown as { shape: Record<string, { isOptional(): boolean }> };
  expect(Object.keys(spec.inputProperties).sort()).toEqual(Object.keys(shape).sort());
  const needed = Object.entries(shape)
    .filter(([, value]) => !value.isOptional())
    .map(([name]) => name);
  expect([...(spec.requiredInputs ?? [])].sort()).toEqual(needed.sort());
});

test.each(specs)("$act.token declares each default that it applies", ({ act, spec }) => {
  const { shape } = act.inputs as unknown as {
    shape: Record<string, { def: { type: string; defaultValue?: unknown } }>;
  };
  for (const [name, { def }] of Object.entries(shape)) {
    const declared = spec.inputProperties[name] as { default?: unknown };
    if (def.type === "default" && typeof def.defaultValue !== "object") {
      expect([name, declared.default]).toEqual([name, def.defaultValue]);
    }
  }
});

test.each(specs)("$act.token has every required property, and its inputs among its outputs", ({ spec }) => {
  const properties = Object.keys(spec.properties);
  expect(properties).toEqual(expect.arrayContaining(spec.required ?? []));
  expect(properties).toEqual(expect.arrayContaining(Object.keys(spec.inputProperties)));
  expect(Object.keys(spec.inputProperties)).toEqual(expect.arrayContaining(spec.requiredInputs ?? []));
});

test.each(specs)("$act.token repeats and renews by inputs that exist", ({ act, spec }) => {
  const named = [...act.repeatedBy, ...(act.renewedBy ?? [])];
  expect(Object.keys(spec.inputProperties)).toEqual(expect.arrayContaining(named));
});

test("every reference leads to a type, and every type is used", () => {
  const references = [...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/gu)].map(([, name]) => name);
  expect(new Set(references)).toEqual(new Set(Object.keys(schema.types ?? {})));
});

test("what holds a secret is declared a secret", () => {
  const text = JSON.stringify(schema);
  for (const name of ["privateKey", "password", "attestationToken"]) {
    const declared = [...text.matchAll(new RegExp(`"${name}":\\{[^}]*\\}`, "gu"))].map(([match]) => match);
    expect(declared.length).toBeGreaterThan(0);
    for (const declaration of declared) expect(declaration).toContain('"secret":true');
  }
  for (const { spec } of specs) {
    const { connection } = spec.inputProperties as { connection?: { $ref?: string; secret?: boolean } };
    if (connection?.$ref) expect(connection.secret).toBe(true);
  }
});
