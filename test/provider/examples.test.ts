/** The examples of the documentation are programs that compile. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { examples, withExamples } from "../../providers/cloudstack/examples.ts";
import { provider } from "../../providers/cloudstack/provider.ts";

// Inside of the project, so that the SDK is found as a program of the project finds it.
const folder = mkdtempSync(join(import.meta.dirname, "examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** @param text a program @returns what the compiler says against it */
function complaints(texts: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(texts).map(([name, text]) => {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, `import * as cloudstack from "@pulumi/cloudstack";\n${text}\nexport {};\n`);
    return file;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    return `${file?.fileName.split("/").at(-1) ?? ""}: ${text}`;
  });
}

test("each compiles against the SDK", () => {
  expect(complaints(examples)).toEqual([]);
});

test("one with a property that there is not is caught", () => {
  const planted = { Volume: (examples.Volume ?? "").replace("size:", "sizes:") };
  expect(complaints(planted).join("\n")).toContain("sizes");
});

test("every resource has one, and its documentation shows it", () => {
  for (const { token, schema } of provider.resources) {
    expect(schema.description, token).toContain("## Example Usage");
    const imported = schema.description?.includes(`pulumi import ${token} NAME `);
    expect(imported, token).toBe(!schema.description?.includes("Cannot be imported"));
  }
  const bare = {
    ...provider.resources[0],
    token: "cloudstack:index:Nothing",
  } as (typeof provider.resources)[0];
  expect(() => withExamples([bare])).toThrow("Nothing has no example");
});
