/** The documents say nothing that is not there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { paths } from "../../toolchain/project.ts";
import { systemPackages } from "../../toolchain/system/packages.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "examples/README.md",
  ...readdirSync(join(paths.root, "docs")).map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(paths.root, path), "utf8") }));
const { scripts } = JSON.parse(readFileSync(join(paths.root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

test.each(documents)("$path names only commands that there are", ({ text }) => {
  const named = [...text.matchAll(/npm run ([a-z-]+)/gu)].map(([, name]) => name ?? "");
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(documents)("$path names only files that there are", ({ text }) => {
  const folders = "appliances|assets|bench|common|components|docs|inputs|lab|providers|sdks|test|toolchain";
  const named = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, "gu"))].map(
    ([, name]) => name ?? "",
  );
  expect(named.filter((name) => !existsSync(join(paths.root, name)))).toEqual([]);
});

test("the README tells of every command that a user has", () => {
  const text = documents.find(({ path }) => path === "README.md")?.text ?? "";
  for (const name of ["preview", "destroy", "pulumi", "lab", "doctor", "bench"]) {
    expect(text).toContain(`npm run ${name}`);
  }
});

test("every system package says what it is for, once", () => {
  const names = systemPackages.map((one) => one.package);
  expect(new Set(names).size).toBe(names.length);
});
