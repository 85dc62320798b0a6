import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { Problems } from "../../common/problem.ts";
import { parseSettings, settingKeys } from "../../config.ts";
import { accessOf } from "../../inputs/access.ts";

const root = join(import.meta.dirname, "..", "..");
const good = {
  zone: "lab-zone",
  network: "lab-network",
  serviceOffering: "4 vCPU, 8 GiB",
  baseTemplates: '["Debian 12 (lab)"]',
};

function settings(values: Record<string, string | undefined>) {
  const named = Object.entries(values).map(([key, value]) => [`ossea-appliances:${key}`, value]);
  return parseSettings("ossea-appliances", "dev", Object.fromEntries(named));
}

function faultsOf(values: Record<string, string | undefined>): string[] {
  try {
    settings(values);
  } catch (error) {
    if (error instanceof Problems) return error.problems.map(({ what, object }) => `${what}: ${object}`);
    throw error;
  }
  return [];
}

test("what is left out has the default that Pulumi.yaml names", () => {
  expect(settings(good)).toMatchObject({
    stack: "dev",
    appliance: { name: "oma" },
    baseTemplates: ["Debian 12 (lab)"],
    rootDiskGiB: 100,
    artifacts: "assets/oma/artifacts.yaml",
    sshTimeoutSeconds: 300,
    checkTimeoutSeconds: 180,
    reportDirectory: ".ossea/reports",
    proof: "full",
    waivers: [],
  });
});

const waiver = { check: "system/os", reason: "a newer release", owner: "Ada", expires: "2026-12-31" };

function waiverFaults(...waivers: object[]): string[] {
  const named = Object.entries({ ...good, waivers: JSON.stringify(waivers) });
  const values = Object.fromEntries(named.map(([key, value]) => [`ossea-appliances:${key}`, value]));
  try {
    parseSettings("ossea-appliances", "dev", values, "2026-11-25");
  } catch (error) {
    if (error instanceof Problems) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

test("a waiver names a check, a reason, an owner and its last day", () => {
  expect(waiverFaults(waiver, { ...waiver, check: "twins/files" })).toEqual([]);
  expect(waiverFaults({ ...waiver, expires: "2026-11-25" })).toEqual([]);
});

test.each<[string, object[], string[]]>([
  [
    "one that is over",
    [{ ...waiver, expires: "2026-11-24" }],
    ["a waiver is over: system/os", "it held until 2026-11-24, and Ada answers for it"],
  ],
  [
    "one of an unknown check",
    [{ ...waiver, check: "system/oss" }],
    ["a waiver of an unknown check: system/oss", "did you mean system/os?"],
  ],
  ["two of one check", [waiver, waiver], ["two waivers of one check: system/os, waivers[1]"]],
  ["one without an owner", [{ ...waiver, owner: undefined }], ["mistyped configuration value: waivers"]],
  ["one until some day", [{ ...waiver, expires: "soon" }], ["must be a day, such as 2026-12-31"]],
])("%s is a fault of the configuration", (_name, waivers, words) => {
  const told = waiverFaults(...waivers).join("\n");
  for (const word of words) expect(told).toContain(word);
});

test("every key that a bastion needs is asked for at once", () => {
  expect(faultsOf({ ...good, access: "bastion", bastionUser: "debian" })).toEqual([
    "missing configuration key: bastionHost of stack dev",
    "missing configuration key: bastionKeyFile of stack dev",
    "missing configuration key: bastionHostKey of stack dev",
  ]);
});

test("a bastion's key that cannot be read is named", () => {
  const bastion = settings({
    ...good,
    access: "bastion",
    bastionHost: "h",
    bastionUser: "u",
    bastionHostKey: "k",
    bastionKeyFile: "/nowhere/key",
  });
  expect(() => accessOf("dev", bastion)).toThrow("/nowhere/key, bastionKeyFile of stack dev");
});

test("every fault is told at once, each with its key", () => {
  expect(
    faultsOf({
      ...good,
      zone: undefined,
      rootDiskGiB: "plenty",
      baseTemplates: "Debian",
      serviceOfering: "x",
    }),
  ).toEqual([
    "unknown configuration key: serviceOfering of stack dev",
    "missing configuration key: zone of stack dev",
    "mistyped configuration value: baseTemplates of stack dev",
    "mistyped configuration value: rootDiskGiB of stack dev",
  ]);
});

test.each<[string, Record<string, string>, string]>([
  ["an empty name", { network: " " }, "mistyped configuration value: network of stack dev"],
  ["no template at all", { baseTemplates: "[]" }, "missing configuration key: baseTemplates of stack dev"],
  ["no zone", { zone: "" }, "missing configuration key: zone of stack dev"],
  [
    "a time-out of 0",
    { sshTimeoutSeconds: "0" },
    "mistyped configuration value: sshTimeoutSeconds of stack dev",
  ],
  [
    "a registry that is no URL",
    { npmRegistry: "here" },
    "mistyped configuration value: npmRegistry of stack dev",
  ],
  ["a way in that there is not", { access: "tunnel" }, "mistyped configuration value: access of stack dev"],
  [
    "port forwarding for nobody in particular",
    { access: "portForwarding" },
    "missing configuration key: accessCidrs of stack dev",
  ],
  [
    "senders that are no networks",
    { access: "portForwarding", accessCidrs: '["everybody"]' },
    "mistyped configuration value: accessCidrs of stack dev",
  ],
  ["no network at all", { network: "" }, "missing configuration key: network of stack dev"],
  [
    "a network that is there and one to be made",
    { networkOffering: "isolated" },
    "one configuration key too many: network of stack dev",
  ],
  ["an unknown appliance", { appliance: "omaa" }, "unknown appliance: omaa of stack dev"],
  ["a disk below the appliance's", { rootDiskGiB: "20" }, "root disk too small: rootDiskGiB of stack dev"],
])("%s is refused", (_title, planted, fault) => {
  expect(faultsOf({ ...good, ...planted })).toEqual([fault]);
});

test("a mistyped key is told with the one that was meant", () => {
  expect(() => settings({ ...good, serviceOfering: "x" })).toThrow("did you mean serviceOffering?");
});

test("a value of another project's is none of ours", () => {
  expect(
    parseSettings("ossea-appliances", "dev", {
      ...Object.fromEntries(Object.entries(good).map(([key, value]) => [`ossea-appliances:${key}`, value])),
      "cloudstack:requestTimeoutSeconds": "5",
    }).stack,
  ).toBe("dev");
});

interface Declared {
  type: string;
  default?: unknown;
  description: string;
}
const declared: Record<string, Declared> = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")).config;

test("Pulumi.yaml declares every key, and no other, each with type, default and description", () => {
  expect(Object.keys(declared).sort()).toEqual([...settingKeys].sort());
  for (const [key, { type, description, ...rest }] of Object.entries(declared)) {
    expect([key, typeof type, typeof description]).toEqual([key, "string", "string"]);
    expect(rest).toHaveProperty("default");
  }
});

test("a default of Pulumi.yaml is the default of the program", () => {
  const defaults = settings(good) as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(declared)) {
    if (key === "appliance" || ["", "0", "[]"].includes(JSON.stringify(value.default).replaceAll('"', "")))
      continue;
    expect([key, defaults[key]]).toEqual([key, value.default]);
  }
});

test.each(["dev", "oma"])("the committed stack %s can be used", (stack) => {
  const file = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
  const values = Object.entries(file.config).map(([key, value]) => [
    key,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  expect(parseSettings("ossea-appliances", stack, Object.fromEntries(values))).toMatchObject({
    appliance: { name: "oma" },
    rootDiskGiB: 100,
  });
});
