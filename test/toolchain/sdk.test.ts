import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { paths, pathsOf } from "../../toolchain/project.ts";
import { ensureSdks, sourceDigest } from "../../toolchain/sdk/build.ts";
import { markFile, packageForFolder, schemaDigest, sdkDrift } from "../../toolchain/sdk/generate.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ossea-sdk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const schema = '{"name":"tiny","version":"1"}';

function plantSdk(): void {
  writeFileSync(join(folder, "index.ts"), "export {};\n");
  const mark = { schema: schemaDigest(schema), files: sourceDigest(folder) };
  writeFileSync(join(folder, markFile), JSON.stringify(mark));
}

test("an SDK as generated has not drifted, whatever the order and spacing of its schema", () => {
  plantSdk();
  expect(sdkDrift(folder, schema)).toBeUndefined();
  expect(sdkDrift(folder, '{ "version": "1", "name": "tiny" }')).toBeUndefined();
});

test("a moved schema, a hand-changed file and a missing mark are drift", () => {
  plantSdk();
  expect(sdkDrift(folder, '{"name":"tiny","version":"2"}')).toContain("schema has moved");
  writeFileSync(join(folder, "index.ts"), "export const mine = 1;\n");
  expect(sdkDrift(folder, schema)).toContain("changed by hand");
  rmSync(join(folder, markFile));
  expect(sdkDrift(folder, schema)).toContain("is missing");
});

test("the package points to its compiled form and brings no compiler of its own", () => {
  const finished = packageForFolder({
    name: "@pulumi/tiny",
    scripts: { build: "tsc" },
    devDependencies: { typescript: "^4.7.0" },
    pulumi: { resource: true },
  });
  expect(finished).toEqual({
    name: "@pulumi/tiny",
    pulumi: { resource: true },
    private: true,
    main: "bin/index.js",
    types: "bin/index.d.ts",
  });
});

test("an SDK is built when its source moves, and only then; a broken one is refused", async () => {
  const project = { ...pathsOf(folder), node: paths.node };
  const sdk = join(folder, "sdks", "tiny");
  mkdirSync(join(sdk), { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(paths.root, "node_modules", "typescript"), join(folder, "node_modules", "typescript"));
  writeFileSync(join(sdk, "package.json"), '{"name":"tiny"}');
  writeFileSync(
    join(sdk, "tsconfig.json"),
    '{"compilerOptions":{"strict":true,"types":[]},"files":["index.ts"]}',
  );
  writeFileSync(join(sdk, "index.ts"), "export const one: number = 1;\n");
  await ensureSdks(project);
  const built = statSync(join(sdk, "bin", "index.js")).mtimeMs;
  expect(existsSync(join(sdk, "bin", "package.json"))).toBe(true);
  await ensureSdks(project);
  expect(statSync(join(sdk, "bin", "index.js")).mtimeMs).toBe(built);
  writeFileSync(join(sdk, "index.ts"), "export const one: number = 'one';\n");
  await expect(ensureSdks(project)).rejects.toThrow(/cannot build the SDK: sdks\/tiny[\s\S]*TS2322/);
  writeFileSync(join(sdk, "index.ts"), "export const one: number = 2;\n");
  await ensureSdks(project);
  expect(existsSync(join(sdk, "bin", "index.js"))).toBe(true);
});
