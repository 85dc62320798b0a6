import { expect, test } from "vitest";
import { pathRules } from "../../providers/command/local/globs.ts";

test.each([
  { rules: ["*.txt"], takes: ["a.txt", ".txt"], leaves: ["in/a.txt", "a.txt.gz", "atxt"] },
  { rules: ["**.txt"], takes: ["a.txt", "in/side/a.txt"], leaves: ["a.md"] },
  { rules: ["assets/**"], takes: ["assets/a", "assets/b/c"], leaves: ["assets", "other/a"] },
  { rules: ["?.[ab]"], takes: ["x.a", "y.b"], leaves: ["/.a", "x.c", "xx.a"] },
  { rules: ["[!a-c]x"], takes: ["dx"], leaves: ["ax", "x"] },
  { rules: ["{one,t*o}/x"], takes: ["one/x", "two/x"], leaves: ["one,two/x", "three/x"] },
  { rules: ["\\*.{md,a\\,b}"], takes: ["*.md", "*.a,b"], leaves: ["x.md", "*.a"] },
  { rules: ["a+(b).$"], takes: ["a+(b).$"], leaves: ["aab.$"] },
  {
    rules: ["**", "!**secret*", "**/public-secret"],
    takes: ["a", "in/public-secret"],
    leaves: ["secret", "a/my-secret.txt"],
  },
  { rules: ["!**"], takes: [], leaves: ["a"] },
])("$rules", ({ rules, takes, leaves }) => {
  const wanted = pathRules(rules);
  expect(takes.filter((path) => !wanted(path))).toEqual([]);
  expect(leaves.filter((path) => wanted(path))).toEqual([]);
});

test("a pattern that cannot be read is named", () => {
  expect(() => pathRules(["{one,two"])).toThrow("{one,two");
});
