import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keyOf } from "../../toolchain/engine/cache.ts";
import { buildInputs, judgeGo, neededBy } from "../../toolchain/engine/go-build.ts";
import {
  engineVersion,
  hostModuleVersion,
  parseVersion,
  pluginPins,
} from "../../toolchain/engine/versions.ts";

const needed = { major: 1, minor: 25, patch: 11 };
const go = (version: string, toolchain = "auto") => ({
  go: "/usr/bin/go",
  version: parseVersion(version) ?? needed,
  toolchain,
});

test("Go that is new enough, or may fetch what is, builds", () => {
  expect(judgeGo(go("1.25.11", "local"), needed)).toBeUndefined();
  expect(judgeGo(go("1.26.8", "local"), needed)).toBeUndefined();
  expect(judgeGo(go("1.22.2", "auto"), needed)).toBeUndefined();
});

test("Go that is missing, too old, or held back is named with what to do", () => {
  expect(judgeGo(undefined, needed)).toMatchObject({ because: "Go is not installed" });
  expect(judgeGo(go("1.19.8", "auto"), needed)?.because).toContain("1.19.8");
  expect(judgeGo(go("1.24.0", "local"), needed)?.next).toBe("GOTOOLCHAIN=auto npm start");
});

test("the needed Go is read from the module, and a module without one is refused", () => {
  expect(neededBy("module x\n\ngo 1.25.11\n")).toEqual(needed);
  expect(() => neededBy("module x\n")).toThrow("names no Go version");
});

test("the cache key moves with every input and with nothing else", () => {
  const inputs = buildInputs();
  const key = keyOf(inputs);
  expect(keyOf(Object.fromEntries(Object.entries(inputs).reverse()))).toBe(key);
  for (const name of Object.keys(inputs)) {
    expect(keyOf({ ...inputs, [name]: `${inputs[name]} ` }), name).not.toBe(key);
  }
  expect(keyOf({ ...inputs, another: "" })).not.toBe(key);
});

test("the inputs hold both modules' pins, the linked version, the flags and the platform", () => {
  const inputs = buildInputs();
  expect(inputs["pulumi/go.mod"]).toContain(`github.com/pulumi/pulumi/pkg/v3 v${engineVersion}`);
  expect(inputs["pulumi-language-nodejs/go.mod"]).toContain(
    `github.com/pulumi/pulumi/sdk/v3 v${hostModuleVersion}`,
  );
  expect(inputs["pulumi/go.sum"]?.length).toBeGreaterThan(1000);
  expect(inputs.pulumi).toContain(`version.Version=v${engineVersion}`);
  expect(inputs.flags).toContain("-mod=readonly");
  expect(inputs.platform).toBe(`${process.platform}-${process.arch}`);
});

test("the engine's pins and the SDKs' pins in package.json are the same", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(dependencies["@pulumi/pulumi"]).toBe(engineVersion);
  for (const { name, version } of pluginPins) expect(dependencies[`@pulumi/${name}`]).toBe(version);
});
