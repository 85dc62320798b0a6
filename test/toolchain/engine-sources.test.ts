import { expect, test } from "vitest";
import { Problems } from "../../common/problem.ts";
import { installedEngine } from "../../toolchain/engine/installed.ts";
import { chooseEngine, type EngineSource, type FoundEngine } from "../../toolchain/engine/sources.ts";
import { acceptable, engineVersion } from "../../toolchain/engine/versions.ts";

const engine: FoundEngine = {
  version: "v3.259.0",
  cli: "/x/pulumi",
  hostFolder: "/x",
  hostSource: "somewhere",
  seconds: {},
};

function source(title: string, because: string | undefined, asked: string[]): EngineSource {
  return {
    title,
    find: async () => {
      asked.push(title);
      return because === undefined ? engine : { because };
    },
  };
}

test("the first source that serves wins, later ones are not asked", async () => {
  const asked: string[] = [];
  const chosen = await chooseEngine([
    source("installed", "too old", asked),
    source("download", undefined, asked),
    source("build", undefined, asked),
  ]);
  expect(asked).toEqual(["installed", "download"]);
  expect(chosen.source).toBe("download");
  expect(chosen.refused).toEqual([{ source: "installed", because: "too old" }]);
});

test("when no source serves, every reason is named at once", async () => {
  const choice = chooseEngine([source("installed", "too old", []), source("build", "no Go", [])]);
  await expect(choice).rejects.toThrow(Problems);
  await expect(choice).rejects.toThrow(/too old[\s\S]*no Go/);
});

function installed(version: string | undefined, programs = ["pulumi", "pulumi-language-nodejs"]) {
  return installedEngine({
    which: (program) => (programs.includes(program) ? `/opt/pulumi/${program}` : undefined),
    version: async () => version,
  }).find();
}

test("an installed engine of the pinned version or newer is taken", async () => {
  expect(await installed(`v${engineVersion}\n`)).toMatchObject({ cli: "/opt/pulumi/pulumi" });
  expect(await installed("v3.300.1")).toMatchObject({ hostFolder: "/opt/pulumi" });
});

test.each([
  ["older", "v3.258.9"],
  ["another major version", "v4.0.0"],
  ["nonsense", "pulumi, the best"],
  ["silent", undefined],
])("an installed engine that is %s is refused", async (_title, version) => {
  expect(await installed(version)).toHaveProperty("because");
});

test("an installed engine without its Node.js host is refused, and so is none", async () => {
  expect(await installed("v3.259.0", ["pulumi"])).toHaveProperty(
    "because",
    expect.stringContaining("pulumi-language-nodejs"),
  );
  expect(await installed("v3.259.0", [])).toHaveProperty("because", "there is no pulumi on PATH");
});

test.each(["3.259.0", "v3.259.1", "v3.260.0-alpha.1+x"])("%s is acceptable", (version) => {
  expect(acceptable(version)).toBe(true);
});

test.each(["3.258.0", "2.999.0", "4.0.0", "", "v3"])("%s is not acceptable", (version) => {
  expect(acceptable(version)).toBe(false);
});
