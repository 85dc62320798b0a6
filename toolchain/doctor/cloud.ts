/** The configured cloud: reachable, keys, clock, names, permissions, limits. Nothing is created. */

import { closestTo } from "../../common/closest.ts";
import type { Settings } from "../../config.ts";
import { type Finding, fault, note, ok } from "./finding.ts";

/** Sends a command and gives the object inside its answer; rejects with the cloud's own words. */
export type CloudCall = (
  command: string,
  parameters?: Readonly<Record<string, string>>,
) => Promise<Record<string, unknown>>;

export interface CloudQuestion {
  /** Undefined when the stack's configuration has faults; the endpoint is judged all the same. */
  settings: Settings | undefined;
  call: CloudCall;
  /** The cloud's own clock; undefined when it does not tell. Rejects when the endpoint is out of reach. */
  clock: () => Promise<Date | undefined>;
  now: () => Date;
}

/** Commands that a build needs the caller's role to permit. */
export const neededCommands: readonly string[] = [
  "createTags",
  "createTemplate",
  "deleteSSHKeyPair",
  "deleteTags",
  "deleteTemplate",
  "deployVirtualMachine",
  "destroyVirtualMachine",
  "listNetworks",
  "listOsTypes",
  "listServiceOfferings",
  "listSSHKeyPairs",
  "listTemplates",
  "listVirtualMachines",
  "listVolumes",
  "listZones",
  "queryAsyncJobResult",
  "registerSSHKeyPair",
  "startVirtualMachine",
  "stopVirtualMachine",
  "updateTemplate",
];

/** A request that is older or newer than this may be refused by the cloud. */
const allowedSkewSeconds = 60;

/** What one stack needs at once: the build machine and a clone of it, and a template. */
const neededInstances = 2;

export async function judgeCloud(question: CloudQuestion): Promise<Finding[]> {
  const endpoint = await judgeEndpoint(question);
  if (endpoint.some(({ state }) => state === "fault")) return endpoint;
  const keys = await judgeKeys(question.call);
  if (keys.state === "fault") return [...endpoint, keys];
  const judged = await Promise.all([
    judgePermissions(question.call),
    question.settings ? judgeNames(question.settings, question.call) : [],
    judgeLimits(question.settings, question.call),
  ]);
  return [...endpoint, keys, ...judged.flat()];
}

async function judgeEndpoint({ clock, now }: CloudQuestion): Promise<Finding[]> {
  try {
    const asked = now();
    const told = await clock();
    const reachable = ok("cloud", "endpoint", "answers");
    if (!told) return [reachable, note("cloud", "clock", "the endpoint does not tell its time")];
    const skew = Math.round((told.getTime() - asked.getTime()) / 1000);
    const words = `${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"} this machine`;
    const finding =
      Math.abs(skew) <= allowedSkewSeconds
        ? ok("cloud", "clock", `the cloud's is ${words}`)
        : fault(
            "cloud",
            "clock",
            `the cloud's is ${words}; signed requests will be refused`,
            "timedatectl set-ntp true",
          );
    return [reachable, finding];
  } catch (error) {
    return [
      fault("cloud", "endpoint", wordsOf(error), "echo $CLOUDSTACK_API_URL   # is it right, and is it up?"),
    ];
  }
}

async function judgeKeys(call: CloudCall): Promise<Finding> {
  try {
    const answer = await call("listCapabilities");
    const version = (answer.capability as Record<string, unknown> | undefined)?.cloudstackversion;
    return ok("cloud", "keys", `accepted by CloudStack ${String(version ?? "of unknown version")}`);
  } catch (error) {
    const next = "export CLOUDSTACK_API_KEY=... CLOUDSTACK_SECRET_KEY=...   # both of the same user";
    return fault("cloud", "keys", wordsOf(error), next);
  }
}

async function judgePermissions(call: CloudCall): Promise<Finding[]> {
  try {
    const permitted = new Set(rows(await call("listApis"), "api").map(({ name }) => name));
    const missing = neededCommands.filter((name) => !permitted.has(name));
    if (missing.length === 0)
      return [ok("cloud", "permissions", "the role permits every command that a build needs")];
    return [
      fault(
        "cloud",
        "permissions",
        `the role does not permit ${missing.join(", ")}`,
        "ask the cloud's administrator to permit them to this account's role",
      ),
    ];
  } catch (error) {
    return [note("cloud", "permissions", `cannot be judged: listApis: ${wordsOf(error)}`)];
  }
}

async function judgeNames(settings: Settings, call: CloudCall): Promise<Finding[]> {
  const zones = await lookUp(call, "listZones", "zone", { available: "true" });
  const zone = zones.rows.find(({ name }) => name === settings.zone);
  const zoneFinding = judgeName("zone", "zone", [settings.zone], zones, settings.stack);
  if (!zone) return [zoneFinding];
  const zoneid = String(zone.id);
  const [networks, networkOfferings, offerings, templates] = await Promise.all([
    lookUp(call, "listNetworks", "network", { zoneid }),
    lookUp(call, "listNetworkOfferings", "networkoffering", { state: "Enabled" }),
    lookUp(call, "listServiceOfferings", "serviceoffering", { zoneid }),
    lookUp(call, "listTemplates", "template", { zoneid, templatefilter: "executable" }),
  ]);
  const ready = { ...templates, rows: templates.rows.filter(({ isready }) => isready !== false) };
  return [
    zoneFinding,
    settings.network === undefined
      ? judgeName(
          "network offering",
          "networkOffering",
          [settings.networkOffering ?? ""],
          networkOfferings,
          settings.stack,
        )
      : judgeName("network", "network", [settings.network], networks, settings.stack),
    judgeName("service offering", "serviceOffering", [settings.serviceOffering], offerings, settings.stack),
    ...judgeOfferingSize(settings, offerings),
    judgeName("template", "baseTemplates", settings.baseTemplates, ready, settings.stack),
  ];
}

interface LookUp {
  rows: Record<string, unknown>[];
  failure: string | undefined;
}

async function lookUp(
  call: CloudCall,
  command: string,
  key: string,
  parameters: Readonly<Record<string, string>>,
): Promise<LookUp> {
  try {
    return { rows: rows(await call(command, parameters), key), failure: undefined };
  } catch (error) {
    return { rows: [], failure: `${command}: ${wordsOf(error)}` };
  }
}

/** Any of `wanted` will do; the first that is there is the one that a build takes. */
function judgeName(
  title: string,
  key: string,
  wanted: readonly string[],
  found: LookUp,
  stack: string,
): Finding {
  const next = `pulumi config set ${key} NAME -s ${stack}`;
  if (found.failure !== undefined) return fault("cloud", title, found.failure, next);
  const names = found.rows.map(({ name }) => String(name));
  const taken = wanted.find((name) => names.includes(name));
  if (taken !== undefined) {
    const twice = names.filter((name) => name === taken).length > 1;
    return twice
      ? fault("cloud", title, `there are several by the name ${taken}`, next)
      : ok("cloud", title, taken);
  }
  const near = wanted.map((name) => closestTo(name, names)).find((name) => name !== undefined);
  const others = names.length > 0 ? `there are: ${names.slice(0, 20).join(", ")}` : "this account sees none";
  const hint = near === undefined ? others : `did you mean ${near}?`;
  return fault("cloud", title, `there is no ${wanted.join(" and no ")}; ${hint}`, next);
}

function judgeOfferingSize(settings: Settings, offerings: LookUp): Finding[] {
  const offering = offerings.rows.find(({ name }) => name === settings.serviceOffering);
  if (!offering || offering.iscustomized === true) return [];
  const { machine, title } = settings.appliance;
  const cpu = Number(offering.cpunumber);
  const memory = Number(offering.memory) / 1024;
  if (cpu >= machine.cpu && memory >= machine.memoryGiB) return [];
  return [
    fault(
      "cloud",
      "service offering's size",
      `${cpu} vCPU, ${memory} GiB; ${title} needs ${machine.cpu} vCPU, ${machine.memoryGiB} GiB`,
      `pulumi config set serviceOffering NAME -s ${settings.stack}`,
    ),
  ];
}

async function judgeLimits(settings: Settings | undefined, call: CloudCall): Promise<Finding[]> {
  let account: Record<string, unknown> | undefined;
  try {
    account = rows(await call("listAccounts"), "account")[0];
  } catch (error) {
    return [note("cloud", "limits", `cannot be judged: listAccounts: ${wordsOf(error)}`)];
  }
  if (!account) return [note("cloud", "limits", "cannot be judged: listAccounts names no account")];
  const machine = settings?.appliance.machine;
  const disk = settings?.rootDiskGiB ?? 0;
  const needs: readonly [title: string, field: string, needed: number][] = [
    ["instances", "vmavailable", neededInstances],
    ["templates", "templateavailable", 1],
    ["volumes", "volumeavailable", neededInstances],
    ["vCPU", "cpuavailable", neededInstances * (machine?.cpu ?? 0)],
    ["memory in MiB", "memoryavailable", neededInstances * (machine?.memoryGiB ?? 0) * 1024],
    ["primary storage in GiB", "primarystorageavailable", neededInstances * disk],
    ["secondary storage in GiB", "secondarystorageavailable", disk],
  ];
  const short = needs.flatMap(([title, field, needed]) => {
    const left = account[field];
    if (left === undefined || left === "Unlimited" || Number(left) >= needed) return [];
    return [
      fault(
        "cloud",
        `limit of ${title}`,
        `${String(left)} left, ${needed} needed`,
        "free some, or ask for a higher limit",
      ),
    ];
  });
  return short.length > 0 ? short : [ok("cloud", "limits", "the account has room for a build and its clone")];
}

function rows(answer: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const list = answer[key];
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.split("\n").join(" ") : String(error);
}
