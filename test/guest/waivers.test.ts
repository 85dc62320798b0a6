import { expect, test } from "vitest";
import { withWaivers } from "../../providers/guest/checks/waivers.ts";
import { result } from "./support/proof.ts";

const waiver = { check: "service/gui", reason: "no GUI here", owner: "Ada", expires: "2026-12-31" };
const red = result("service/gui", { outcome: "failed", detail: "saw 404" });

test("a red check is waived with its evidence and whoever answers for it", () => {
  const [waived] = withWaivers([red], [waiver], "2026-12-31");
  expect(waived).toEqual({
    ...red,
    outcome: "waived",
    waiver: { reason: "no GUI here", owner: "Ada", expires: "2026-12-31" },
  });
});

test("what could not be judged can be waived too", () => {
  expect(withWaivers([{ ...red, outcome: "unknown" }], [waiver], "2026-01-01")[0]?.outcome).toBe("waived");
});

test.each([
  ["a green check stays green", result("service/gui"), "2026-01-01"],
  ["another check stays red", { ...red, id: "service/api" }, "2026-01-01"],
  ["the day after its last a waiver is nothing", red, "2027-01-01"],
])("%s", (_name, seen, today) => {
  expect(withWaivers([seen], [waiver], today)).toEqual([seen]);
});
