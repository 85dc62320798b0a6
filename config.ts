/**
 * A stack's configuration, typed and validated. Every fault is reported at once, with the command that mends it.
 * The keys are declared, with type, default and description, in Pulumi.yaml.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Waiver } from "./appliances/checks/types.ts";
import { appliances } from "./appliances/index.ts";
import type { Appliance } from "./appliances/types.ts";
import { closestTo } from "./common/closest.ts";
import { Problem, Problems } from "./common/problem.ts";
import { type AccessSettings, accessFaults, accessKinds } from "./inputs/access.ts";

/** Whether the captured template's disk is searched for secrets of the build. */
const templateSearches = ["whenPossible", "required", "off"] as const;
export type TemplateSearch = (typeof templateSearches)[number];

export interface Settings extends AccessSettings {
  stack: string;
  appliance: Appliance;
  zone: string;
  /** One of network and networkOffering. */
  network: string | undefined;
  networkOffering: string | undefined;
  serviceOffering: string;
  /** In order of preference. */
  baseTemplates: readonly string[];
  rootDiskGiB: number;
  templateName: string | undefined;
  /** Path of the artifact manifest. */
  artifacts: string;
  /** Folder of a database of one's own, in place of the appliance's. */
  databaseFolder: string | undefined;
  npmRegistry: string | undefined;
  /** Whether the appliance installs security updates by itself. */
  securityUpdates: boolean;
  sshTimeoutSeconds: number;
  checkTimeoutSeconds: number;
  templateSearch: TemplateSearch;
  reportDirectory: string;
  /** "full": two clones, a restart and the sealed disk. "quick": one clone alone. */
  proof: "full" | "quick";
  /** Red checks that somebody answers for. */
  waivers: readonly CheckWaiver[];
}

export type CheckWaiver = Waiver & { check: string };

const name = z.string().trim().min(1, "must not be empty");
const wholeNumber = z
  .string()
  .regex(/^[1-9][0-9]*$/, "must be a whole number above 0")
  .transform(Number);
const listOfNames = z.string().transform(jsonOf).pipe(z.array(name).min(1, "must name at least one"));
const listOfWaivers = z
  .string()
  .transform(jsonOf)
  .pipe(
    z.array(
      z.strictObject({
        check: name,
        reason: name,
        owner: name,
        expires: z.iso.date("must be a day, such as 2026-12-31"),
      }),
    ),
  );
const listOfNetworks = listOfNames.pipe(
  z.array(z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, "must be networks such as 203.0.113.0/24")),
);

const keys = {
  appliance: name.default("oma"),
  zone: name,
  network: name.optional(),
  networkOffering: name.optional(),
  access: z.enum(accessKinds, `must be one of ${accessKinds.join(", ")}`).default("direct"),
  accessCidrs: listOfNetworks.optional(),
  bastionHost: name.optional(),
  bastionPort: wholeNumber.default(22),
  bastionUser: name.optional(),
  bastionKeyFile: name.optional(),
  bastionHostKey: name.optional(),
  serviceOffering: name,
  baseTemplates: listOfNames,
  rootDiskGiB: wholeNumber.optional(),
  templateName: name.optional(),
  artifacts: name.optional(),
  databaseFolder: name.optional(),
  npmRegistry: z.url("must be a URL").optional(),
  securityUpdates: z
    .enum(["true", "false"], "must be true or false")
    .default("true")
    .transform((word) => word === "true"),
  sshTimeoutSeconds: wholeNumber.default(300),
  checkTimeoutSeconds: wholeNumber.default(180),
  templateSearch: z
    .enum(templateSearches, `must be one of ${templateSearches.join(", ")}`)
    .default("whenPossible"),
  reportDirectory: name.default(".ossea/reports"),
  proof: z.enum(["full", "quick"], "must be full or quick").default("full"),
  waivers: listOfWaivers.default([]),
};

function jsonOf(text: string, context: z.RefinementCtx<string>): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: 'must be a list, such as ["one", "another"]' });
    return z.NEVER;
  }
}

export const settingKeys: readonly string[] = Object.keys(keys);

/** The configuration of the stack that runs now. Throws Problems. */
export function readConfig(): Settings {
  return parseSettings(pulumi.getProject(), pulumi.getStack(), pulumi.runtime.allConfig());
}

/**
 * @param values every configuration value of the stack, as text, by its full name ("project:key")
 * @param today "2026-12-31"; waivers hold up to their last day
 * @throws Problems naming each missing, mistyped or unknown key
 */
export function parseSettings(
  project: string,
  stack: string,
  values: Readonly<Record<string, string | undefined>>,
  today = new Date().toISOString().slice(0, 10),
): Settings {
  const own = ownValues(project, values);
  const faults = unknownKeys(stack, Object.keys(own));
  const parsed = z.object(keys).safeParse(own);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => faultOf(stack, own, issue)));
    throw new Problems(`The configuration of stack ${stack} cannot be used`, faults);
  }
  const appliance = appliances[parsed.data.appliance];
  if (!appliance) faults.push(unknownAppliance(stack, parsed.data.appliance));
  else {
    faults.push(...tooSmall(stack, appliance, parsed.data.rootDiskGiB));
    faults.push(...waiverFaults(stack, appliance, parsed.data.waivers, today));
  }
  faults.push(...networkFaults(stack, parsed.data), ...accessFaults(stack, parsed.data));
  if (faults.length > 0 || !appliance) {
    throw new Problems(`The configuration of stack ${stack} cannot be used`, faults);
  }
  const {
    appliance: _,
    rootDiskGiB,
    artifacts,
    databaseFolder,
    npmRegistry,
    templateName,
    ...rest
  } = parsed.data;
  const { network, networkOffering } = rest;
  return {
    ...rest,
    network,
    networkOffering,
    stack,
    appliance,
    rootDiskGiB: rootDiskGiB ?? appliance.machine.rootDiskGiB,
    artifacts: artifacts ?? appliance.artifacts,
    databaseFolder,
    npmRegistry,
    templateName,
  };
}

function ownValues(project: string, values: Readonly<Record<string, string | undefined>>) {
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]): [string, string | undefined] => [key.slice(prefix.length), value])
      .filter(([key, value]) => value !== undefined && !isEmptyDefault(key, value)),
  );
}

/** The defaults of Pulumi.yaml that stand for "not given": the engine wants one for every key. */
function isEmptyDefault(key: string, value: string): boolean {
  return (
    value === "" ||
    (key === "rootDiskGiB" && value === "0") ||
    (["baseTemplates", "accessCidrs", "waivers"].includes(key) && value === "[]")
  );
}

function unknownKeys(stack: string, present: readonly string[]): Problem[] {
  return present
    .filter((key) => !settingKeys.includes(key))
    .map((key) => {
      const meant = closestTo(key, settingKeys);
      return new Problem({
        what: "unknown configuration key",
        object: `${key} of stack ${stack}`,
        because: meant
          ? `there is no such key; did you mean ${meant}?`
          : `the keys are ${settingKeys.join(", ")}`,
        next: `pulumi config rm ${key} -s ${stack}`,
      });
    });
}

function networkFaults(
  stack: string,
  { network, networkOffering }: { network?: string | undefined; networkOffering?: string | undefined },
): Problem[] {
  if ((network === undefined) !== (networkOffering === undefined)) return [];
  return [
    new Problem({
      what: network === undefined ? "missing configuration key" : "one configuration key too many",
      object: `network of stack ${stack}`,
      because:
        network === undefined
          ? "it has no value, and neither has networkOffering, of which one would be made"
          : `it is ${network}, and networkOffering asks for one to be made`,
      next:
        network === undefined
          ? `pulumi config set network NAME -s ${stack}`
          : `pulumi config rm networkOffering -s ${stack}`,
    }),
  ];
}

function faultOf(stack: string, own: Record<string, string | undefined>, issue: z.core.$ZodIssue): Problem {
  const key = String(issue.path[0]);
  const missing = own[key] === undefined;
  return new Problem({
    what: missing ? "missing configuration key" : "mistyped configuration value",
    object: `${key} of stack ${stack}`,
    because: missing ? "it has no value and no default" : `${JSON.stringify(own[key])}: ${issue.message}`,
    next: `pulumi config set ${key} VALUE -s ${stack}   # what it means stands in Pulumi.yaml`,
  });
}

function unknownAppliance(stack: string, given: string): Problem {
  return new Problem({
    what: "unknown appliance",
    object: `${given} of stack ${stack}`,
    because: `the appliances are ${Object.keys(appliances).join(", ")}`,
    next: `pulumi config set appliance ${closestTo(given, Object.keys(appliances)) ?? "oma"} -s ${stack}`,
  });
}

function tooSmall(stack: string, appliance: Appliance, rootDiskGiB: number | undefined): Problem[] {
  if (rootDiskGiB === undefined || rootDiskGiB >= appliance.machine.rootDiskGiB) return [];
  return [
    new Problem({
      what: "root disk too small",
      object: `rootDiskGiB of stack ${stack}`,
      because: `${rootDiskGiB} GiB given, ${appliance.title} needs ${appliance.machine.rootDiskGiB} GiB`,
      next: `pulumi config set rootDiskGiB ${appliance.machine.rootDiskGiB} -s ${stack}`,
    }),
  ];
}

/** A waiver that is over, or of a check that is not there, hides nothing and misleads whoever reads it. */
function waiverFaults(
  stack: string,
  appliance: Appliance,
  waivers: readonly CheckWaiver[],
  today: string,
): Problem[] {
  const ids = [...appliance.checks, ...appliance.twins].map(({ id }) => id);
  const next = `edit waivers in Pulumi.${stack}.yaml`;
  return waivers.flatMap(({ check, owner, expires }, position) => {
    const object = `${check}, waivers[${position}] of stack ${stack}`;
    const twice = waivers.findIndex((other) => other.check === check) < position;
    if (!ids.includes(check)) {
      const meant = closestTo(check, ids);
      const because = `${appliance.title} has no such check${meant ? `; did you mean ${meant}?` : ""}`;
      return [new Problem({ what: "a waiver of an unknown check", object, because, next })];
    }
    if (twice)
      return [new Problem({ what: "two waivers of one check", object, because: "one is enough", next })];
    if (expires >= today) return [];
    const because = `it held until ${expires}, and ${owner} answers for it`;
    return [
      new Problem({
        what: "a waiver is over",
        object,
        because,
        next: `mend the check, or ${next} with ${owner}`,
      }),
    ];
  });
}
