/** The documents say nothing that is not there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allCommands } from "../../lab/api/registry.ts";
import { movedDocuments } from "../../toolchain/documents/index.ts";
import { supportOf } from "../../toolchain/documents/lab-coverage.ts";
import { withPart } from "../../toolchain/documents/part.ts";
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
  const named = [...text.matchAll(/npm run ([a-z:-]+[a-z])/gu)].map(([, name]) => name ?? "");
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(documents)("$path names only files that there are", ({ text }) => {
  const folders = "appliances|assets|bench|common|components|docs|inputs|lab|providers|sdks|test|toolchain";
  const named = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, "gu"))].map(
    ([, name]) => name ?? "",
  );
  expect(named.filter((name) => !existsSync(join(paths.root, name)))).toEqual([]);
});

test("what is made from records is as the records are: npm run docs writes it", () => {
  expect([...movedDocuments(paths.root).keys()]).toEqual([]);
});

test("of the lab's commands each parameter has one state: a record that moved shows", () => {
  const [command] = allCommands.filter(({ name }) => name === "listZones");
  if (!command) throw new Error("the lab has no listZones");
  const states = supportOf(command, ["id", "of-a-later-version"]);
  expect(states.get("id")).toBe("done");
  expect(states.get("of-a-later-version")).toBe("missing");
  expect(states.get("available")).toBe("without effect");
  const deploy = allCommands.find(({ name }) => name === "createNetwork");
  expect(deploy && supportOf(deploy, []).get("vpcid")).toBe("refused");
});

test("no parameter of a command that the lab has is passed over without the table saying so", () => {
  const text = readFileSync(join(paths.root, "docs/lab-coverage.md"), "utf8");
  const rows = text.split("\n").filter((line) => /^\| \w+ +\|/u.test(line));
  const missing = rows.filter((line) => line.split("|").length === 7 && line.split("|")[5]?.trim() !== "");
  expect(missing.filter((line) => !line.startsWith("| command "))).toEqual([]);
});

test("a part whose records have moved is seen", () => {
  const part = { file: "a.md", name: "list", text: () => "new" };
  const document = "before\n<!-- generated: list -->\n\nold\n\n<!-- end: list -->\nafter\n";
  expect(withPart(document, part)).toBe(document.replace("old", "new"));
  expect(withPart(withPart(document, part), part)).toBe(withPart(document, part));
  expect(() => withPart("nothing", part)).toThrow("a.md has no part");
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
