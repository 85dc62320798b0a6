import { expect, test } from "vitest";
import { describeMoved, movedInputs } from "../../toolchain/moved-inputs.ts";

const diff = `
    +-cloudstack:index:Instance: (replace)
      ~ tags    : {
          ~ fingerprint: "bfdd295c513f" => "8319801bf697"
        }
      ~ triggers: {
          ~ unit/oma-api.service : "1c8ecfa1337f" => "eefbaffde8c8"
          + file/etc/motd        : "63e1521c9dcc"
        }
    +-guest:index:SshReady: (replace)
      ~ triggers  : {
          ~ instance: "687f1936" => [unknown]
        }
    +-guest:index:Checks: (replace)
      ~ triggers  : {
          ~ clone: "687f1936" => [unknown]
          ~ twin : "a8319f42" => [unknown]
        }
    +-cloudstack:index:Template: (replace)
      ~ triggers  : {
          ~ unit/oma-api.service : "1c8ecfa1337f" => "eefbaffde8c8"
          - packages             : "63e1521c9dcc"
        }
  outputs: {
      ~ fingerprint: {
          ~ database/seed.sql : "1c8ecfa1337f" => "eefbaffde8c8"
        }
    }
`;

test("the moved inputs are those of the triggers, each once; consequences are left out", () => {
  expect(movedInputs(diff)).toEqual(["unit/oma-api.service", "file/etc/motd", "packages"]);
});

test("colours do not matter", () => {
  expect(movedInputs(diff.replaceAll("~ unit", "\u001b[33m~ unit"))).toContain("unit/oma-api.service");
});

test("what moved is told by name, and so is that nothing did", () => {
  expect(describeMoved(["unit/oma-api.service"])).toContain("  unit/oma-api.service\n");
  expect(describeMoved(movedInputs("Resources:\n    78 unchanged\n"))).toBe(
    "No input of the appliance moved.",
  );
});
