import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { Settings } from "../../config.ts";
import { type CloudQuestion, judgeCloud, neededCommands } from "../../toolchain/doctor/cloud.ts";
import { cloudKeys, cloudQuestion } from "../../toolchain/doctor/cloud-question.ts";
import { judgeRecord, judgeSources } from "../../toolchain/doctor/engine.ts";
import { describeFindings, type Finding } from "../../toolchain/doctor/finding.ts";
import { judgeMachine, type MachineFacts } from "../../toolchain/doctor/machine.ts";
import { configValues } from "../../toolchain/doctor/stack.ts";
import { systemPackages } from "../../toolchain/system/packages.ts";

const good: MachineFacts = {
  os: { id: "debian", version: "12", title: "Debian 12" },
  platform: "linux-x64",
  node: "24.21.0",
  npm: "11.0.0",
  go: { go: "/usr/bin/go", version: { major: 1, minor: 26, patch: 0 }, toolchain: "auto" },
  engineReady: false,
  root: true,
  sudo: true,
  freeDisk: { project: 50, cache: 50 },
  memory: 8,
  missing: { lab: [], test: [] },
  kernel: [{ title: "overlayfs", for: "a machine's disk", failure: undefined }],
};

const faultsOf = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === "fault").map(({ title }) => title);

test("a good machine has no fault", () => {
  expect(faultsOf(judgeMachine(good))).toEqual([]);
  expect(describeFindings(judgeMachine(good)).at(-1)).toBe("No fault found.");
});

test("all faults of a machine are told at once, each with what to do", () => {
  const bad = judgeMachine({
    ...good,
    npm: undefined,
    root: false,
    sudo: false,
    freeDisk: { project: 1, cache: 0.5 },
    memory: 1,
    missing: { lab: systemPackages.filter((entry) => entry.package === "nftables"), test: [] },
    kernel: [{ title: "overlayfs", for: "a machine's disk", failure: "mount: denied" }],
  });
  expect(faultsOf(bad)).toEqual([
    "npm",
    "rights",
    "disk, the project's folder",
    "disk, the cache folder",
    "memory",
    "package nftables",
    "overlayfs",
  ]);
  expect(bad.filter(({ state }) => state === "fault").every(({ next }) => next)).toBe(true);
  expect(describeFindings(bad).at(-1)).toBe("7 faults found.");
});

test("another system, and a missing Go, are notes", () => {
  const findings = judgeMachine({
    ...good,
    os: { id: "alpine", version: "3", title: "Alpine" },
    go: undefined,
  });
  expect(faultsOf(findings)).toEqual([]);
  expect(findings.find(({ title }) => title === "system")?.state).toBe("note");
  expect(findings.find(({ title }) => title === "Go")?.detail).toContain("cannot be downloaded");
});

test("the source of each part of the engine is told, and why earlier sources were not taken", () => {
  const text = describeFindings(
    judgeRecord({
      key: "k",
      engine: {
        version: "v3.259.0",
        source: "Go module build",
        cli: "/c/pulumi",
        hostFolder: "/c",
        hostSource: "Go module build",
        mark: "1",
      },
      plugins: [{ name: "random", version: "4.21.2", source: "stand-in", folder: "/p" }],
      refused: [{ source: "official download", because: "cannot be reached" }],
      seconds: { "build pulumi": 330 },
    }),
  ).join("\n");
  expect(text).toMatch(/Pulumi: v3\.259\.0, source: Go module build .*build pulumi: 5 min 30 s/);
  expect(text).toContain("plugin random: 4.21.2, source: stand-in");
  expect(text).toContain("not taken: official download: cannot be reached");
});

test("without an engine doctor says which source would serve, or that none can", () => {
  const some = judgeSources([
    { title: "a", because: "no" },
    { title: "b", because: undefined },
  ]);
  expect(some[0]?.detail).toContain("takes it from: b");
  expect(faultsOf(judgeSources([{ title: "a", because: "no" }]))).toEqual(["Pulumi"]);
});

test("a stack's values reach the judge as the engine would hand them over", () => {
  expect(configValues('config:\n  p:zone: z\n  p:disk: 100\n  p:names: ["a", "b"]\n')).toEqual({
    "p:zone": "z",
    "p:disk": "100",
    "p:names": '["a","b"]',
  });
  expect(configValues("")).toEqual({});
});

const settings = {
  stack: "oma",
  appliance: { title: "OMA", machine: { cpu: 4, memoryGiB: 8, rootDiskGiB: 100, os: [] } },
  zone: "zone1",
  network: "net",
  serviceOffering: "large",
  baseTemplates: ["Ubuntu 24.04"],
  rootDiskGiB: 100,
} as unknown as Settings;

const answers: Record<string, Record<string, unknown>> = {
  listCapabilities: { capability: { cloudstackversion: "4.20.2.0" } },
  listApis: { api: neededCommands.map((name) => ({ name })) },
  listZones: { zone: [{ id: "z1", name: "zone1" }] },
  listNetworks: { network: [{ name: "net" }] },
  listServiceOfferings: { serviceoffering: [{ name: "large", cpunumber: 4, memory: 8192 }] },
  listTemplates: { template: [{ name: "Ubuntu 24.04", isready: true }] },
  listAccounts: {
    account: [{ vmavailable: "Unlimited", templateavailable: "5", primarystorageavailable: "400" }],
  },
};

function cloud(changes: Record<string, Record<string, unknown> | Error> = {}): CloudQuestion {
  return {
    settings,
    call: async (command) => {
      const answer = changes[command] ?? answers[command];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error(`no ${command}`);
      return answer;
    },
    clock: async () => new Date("2026-01-01T00:00:10Z"),
    now: () => new Date("2026-01-01T00:00:00Z"),
  };
}

test("a good cloud has no fault", async () => {
  expect((await judgeCloud(cloud())).filter(({ state }) => state !== "ok")).toEqual([]);
});

test("all of a cloud's faults are told at once", async () => {
  const findings = await judgeCloud(
    cloud({
      listApis: { api: neededCommands.filter((name) => name !== "createTemplate").map((name) => ({ name })) },
      listNetworks: { network: [{ name: "nett" }] },
      listServiceOfferings: { serviceoffering: [{ name: "large", cpunumber: 2, memory: 4096 }] },
      listTemplates: { template: [{ name: "Ubuntu 24.04", isready: false }] },
      listAccounts: { account: [{ vmavailable: "1", secondarystorageavailable: "20" }] },
    }),
  );
  expect(faultsOf(findings)).toEqual([
    "permissions",
    "network",
    "service offering's size",
    "template",
    "limit of instances",
    "limit of secondary storage in GiB",
  ]);
  expect(findings.find(({ title }) => title === "permissions")?.detail).toContain("createTemplate");
  expect(findings.find(({ title }) => title === "network")?.detail).toContain("did you mean nett?");
});

test("an unknown zone, and two networks of one name, are faults", async () => {
  expect(faultsOf(await judgeCloud(cloud({ listZones: { zone: [{ id: "x", name: "other" }] } })))).toEqual([
    "zone",
  ]);
  const twice = cloud({ listNetworks: { network: [{ name: "net" }, { name: "net" }] } });
  expect(faultsOf(await judgeCloud(twice))).toEqual(["network"]);
});

test("refused keys end the look with the cloud's own words", async () => {
  const findings = await judgeCloud(
    cloud({ listCapabilities: new Error("HTTP 401: unable to verify user") }),
  );
  expect(faultsOf(findings)).toEqual(["keys"]);
  expect(findings.at(-1)?.detail).toContain("unable to verify user");
});

test("a wrong clock and a dead endpoint are faults", async () => {
  const skewed = { ...cloud(), clock: async () => new Date("2026-01-01T00:20:00Z") };
  expect(faultsOf(await judgeCloud(skewed))).toEqual(["clock"]);
  const down = { ...cloud(), clock: async () => Promise.reject(new Error("connect ECONNREFUSED")) };
  expect(faultsOf(await judgeCloud(down))).toEqual(["endpoint"]);
});

test("missing and mistyped keys are told together", () => {
  const found = cloudKeys({ CLOUDSTACK_API_URL: "not a url" });
  expect(Array.isArray(found) && faultsOf(found)).toEqual([
    "CLOUDSTACK_API_KEY",
    "CLOUDSTACK_SECRET_KEY",
    "CLOUDSTACK_API_URL",
  ]);
});

const keys = { url: "http://127.0.0.1:1/client/api", apiKey: "K", secretKey: "s" };

test("over the wire: the clock from the answer's date, errors in the cloud's words, and no answer at all", async () => {
  const server = createServer((request, response) => {
    const refused = request.url?.includes("listZones");
    response.statusCode = refused ? 432 : 200;
    response.end(
      JSON.stringify(
        refused
          ? { errorresponse: { errortext: "not available for the account" } }
          : { listcapabilitiesresponse: { capability: {} } },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/api`;
  const question = cloudQuestion({ ...keys, url }, undefined);
  expect(Math.abs(((await question.clock())?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await question.call("listCapabilities")).toEqual({ capability: {} });
  await expect(question.call("listZones")).rejects.toThrow("HTTP 432: not available for the account");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(question.clock()).rejects.toThrow("does not answer");
});
