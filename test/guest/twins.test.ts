/** Two clones compared: each comparison catches the fault that its record plants. */
import { expect, test } from "vitest";
import type { TwinCheck } from "../../appliances/checks/types.ts";
import { oma } from "../../appliances/oma.ts";
import { compareTwins, type MachineFacts, namesIn, valueAt } from "../../providers/guest/checks/twins.ts";

function factsOf(which: string): MachineFacts {
  return {
    identity: {
      "machine-id": `${which}-id`,
      "host-name": which,
      "host-keys": { "ssh-ed25519": `${which}-ed`, "ecdsa-sha2-nistp256": `${which}-ec` },
      secrets: {
        "database.env DATABASE_PASSWORD": `${which}-password`,
        "oma-api.env MIGRATEKIT_CRED_ENCRYPTION_KEY": `${which}-key`,
      },
      macs: [`${which}-mac`],
      addresses: [`${which}-address`],
      "dhcp-client-ids": [`${which}-client`],
      "instance-in-database": [`${which}-instance`],
      "random-seed": `${which}-seed`,
      "boot-id": `${which}-boot`,
      journals: [`${which}-journal`],
    },
    contents: {
      os: "NAME=Debian\nVERSION_ID=12",
      packages: { bash: "ii 5.2", curl: "ii 7.88" },
      "unit-files": { "oma-api.service": "enabled", "getty@tty1.service": "masked" },
      users: "root:x:0:0\noma_admin:x:1000:1000",
      groups: "root:x:0:\nsudo:x:27:oma_admin",
      files: { "/opt/migratekit": "0123", "/etc/ssh": "4567" },
      listeners: ["0.0.0.0:22", "127.0.0.1:3306"],
      tables: ["BASE TABLE vm_disks", "VIEW active_jobs"],
    },
  };
}

const one = factsOf("one");
const other = factsOf("other");

function outcomes(first: MachineFacts, second: MachineFacts, checks: readonly TwinCheck[] = oma.twins) {
  return new Map(compareTwins(checks, first, second).map((result) => [result.id, result]));
}

/** The facts with one value in the place of another. */
function changed(facts: MachineFacts, path: string, value: unknown): MachineFacts {
  const copy = structuredClone(facts) as Record<string, unknown>;
  const names = namesIn(path);
  const last = names.pop() ?? "";
  let holder = copy;
  for (const name of names) holder = holder[name] as Record<string, unknown>;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

test("two clones as they should be", () => {
  const red = [...outcomes(one, other).values()].filter(({ outcome }) => outcome !== "passed");
  expect(red).toEqual([]);
});

test.each(oma.twins)("$id catches its planted fault", ({ id, plant }) => {
  const [path = "", text = ""] = /^(.*?[^\\])=(.*)$/u.exec(plant)?.slice(1) ?? [];
  const value = text === "other" ? valueAt(other, path) : JSON.parse(text);
  const seen = outcomes(changed(one, path, value), other);
  expect(seen.get(id)).toMatchObject({ outcome: "failed" });
  const others = [...seen.values()].filter((result) => result.id !== id && result.outcome !== "passed");
  expect(others).toEqual([]);
});

test.each(oma.twins.filter(({ optional }) => !optional))("$id without its fact is unknown", (check) => {
  for (const missing of [undefined, null, "", [], {}]) {
    const result = outcomes(changed(one, check.fact, missing), other).get(check.id);
    expect([missing, result?.outcome]).toEqual([missing, "unknown"]);
  }
});

test("a fact that both may lack is unknown when one has it", () => {
  const check = "twins/random-seed";
  const without = changed(one, "identity.random-seed", null);
  expect(outcomes(without, other).get(check)).toMatchObject({ outcome: "unknown" });
  const both = outcomes(without, changed(other, "identity.random-seed", null)).get(check);
  expect(both).toMatchObject({ outcome: "passed", detail: "neither has one" });
});

test("what one of several keys or secrets is missing is not taken for different", () => {
  const fewer = changed(one, "identity.host-keys", { "ssh-ed25519": "one-ed", "ssh-rsa": "one-rsa" });
  expect(outcomes(fewer, other).get("twins/host-keys")).toMatchObject({
    outcome: "unknown",
    detail: "only one of them has ssh-rsa",
  });
});

test("what differs is named, and of many the first eight", () => {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`/opt/${index}`, "x"]));
  const { detail = "" } = outcomes(changed(one, "contents.files", files), other).get("twins/files") ?? {};
  expect(detail).toMatch(/^they differ in \/opt\/0, .* and 6 more$/u);
});
