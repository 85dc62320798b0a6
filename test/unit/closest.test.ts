import { expect, test } from "vitest";
import { closestTo } from "../../common/closest.ts";

test.each([
  ["zoen", ["zone", "network"], "zone"],
  ["Zone1", ["zone1", "zone2"], "zone1"],
  ["Ubuntu 24.04", ["Ubuntu 24.04 LTS", "Debian 12"], "Ubuntu 24.04 LTS"],
  ["x", ["zone", "network"], undefined],
  ["zone", [], undefined],
])("%s among %j is %s", (word, candidates, meant) => {
  expect(closestTo(word, candidates)).toBe(meant);
});
