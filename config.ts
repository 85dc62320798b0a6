/**
 * A stack's configuration, typed and validated. Every fault is reported at once, with the command that mends it.
 * The keys are declared, with type, default and description, in Pulumi.yaml.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { appliances } from "./appliances/index.ts";
import type { Appliance } from "./appliances/types.ts";
import { closestTo } from "./common/closest.ts";
import { Problem, Problems } from "./common/problem.ts";

export interface Settings {
  stack: string;
  appliance: Appliance;
  zone: string;
  network: string;
  serviceOffering: string;
  /** In order of preference. */
  baseTemplates: readonly string[];
  rootDiskGiB: number;
  templateName: string | undefined;
  /** Path of the artifact manifest. */
  artifacts: string;
  npmRegistry: string | undefined;
  sshTimeoutSeconds: number;
  checkTimeoutSeconds: number;
  reportDirectory: string;
}

const name = z.string().trim().min(1, "must not be empty");
const wholeNumber = z
  .string()
  .regex(/^[1-9][0-9]*$/, "must be a whole number above 0")
  .transform(Number);
const listOfNames = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: 'must be a list, such as ["Ubuntu 24.04 LTS"]' });
      return z.NEVER;
    }
  })
  .pipe(z.array(name).min(1, "must name at least one template"));

const keys = {
  appliance: name.default("oma"),
  zone: name,
  network: name,
  serviceOffering: name,
  baseTemplates: listOfNames,
  rootDiskGiB: wholeNumber.optional(),
  templateName: name.optional(),
  artifacts: name.optional(),
  npmRegistry: z.url("must be a URL").optional(),
  sshTimeoutSeconds: wholeNumber.default(300),
  checkTimeoutSeconds: wholeNumber.default(180),
  reportDirectory: name.default(".ossea/reports"),
};

export const settingKeys: readonly string[] = Object.keys(keys);

/** The configuration of the stack that runs now. Throws Problems. */
export function readConfig(): Settings {
  return parseSettings(pulumi.getProject(), pulumi.getStack(), pulumi.runtime.allConfig());
}

/**
 * @param values every configuration value of the stack, as text, by its full name ("project:key")
 * @throws Problems naming each missing, mistyped or unknown key
 */
export function parseSettings(
  project: string,
  stack: string,
  values: Readonly<Record<string, string | undefined>>,
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
  else faults.push(...tooSmall(stack, appliance, parsed.data.rootDiskGiB));
  if (faults.length > 0 || !appliance) {
    throw new Problems(`The configuration of stack ${stack} cannot be used`, faults);
  }
  const { appliance: _, rootDiskGiB, artifacts, npmRegistry, templateName, ...rest } = parsed.data;
  return {
    ...rest,
    stack,
    appliance,
    rootDiskGiB: rootDiskGiB ?? appliance.machine.rootDiskGiB,
    artifacts: artifacts ?? appliance.artifacts,
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
    value === "" || (key === "rootDiskGiB" && value === "0") || (key === "baseTemplates" && value === "[]")
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
