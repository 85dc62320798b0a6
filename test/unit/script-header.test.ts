import { expect, test } from "vitest";
import { Problem } from "../../common/problem.ts";
import { parseScriptHeader } from "../../common/script-header.ts";

const path = "assets/common/seal/95-machine-id.sh";
const good = `#!/usr/bin/env bash
# title: Machine id
# order: 95
# why: two clones with one machine-id ask DHCP for one lease
# what: empties the file
# verified-by: identity/machine-id, identity/secrets
set -euo pipefail
# title: not a header any more
`;

function because(text: string): string {
  try {
    parseScriptHeader(path, text);
  } catch (error) {
    if (error instanceof Problem && error.object === path) return error.because;
    throw error;
  }
  throw new Error("it was accepted");
}

test("the head of a script is its record", () => {
  expect(parseScriptHeader(path, good)).toEqual({
    title: "Machine id",
    order: 95,
    why: "two clones with one machine-id ask DHCP for one lease",
    what: "empties the file",
    verifiedBy: ["identity/machine-id", "identity/secrets"],
  });
});

test.each(["title", "order", "why", "what", "verified-by"])(
  "without %s it is refused, naming the field",
  (field) => {
    expect(because(good.replace(new RegExp(`^# ${field}: .*\n`, "mu"), ""))).toBe(`no "# ${field}:" line`);
  },
);

test("an empty field and a wrong order are refused, all in one message", () => {
  expect(because(good.replace("order: 95", "order: last").replace(/why: .*/u, "why:"))).toBe(
    'no "# why:" line, order "last" is no whole number above 0',
  );
});

test("fields below the first command do not count", () => {
  expect(because(`#!/usr/bin/env bash\nset -euo pipefail\n${good}`)).toContain('no "# title:" line');
});
