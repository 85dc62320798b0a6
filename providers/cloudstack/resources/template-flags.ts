/** What can be said of any template, captured or registered: properties, checks, and how they are set in place. */
import { Problem } from "../../../common/problem.ts";
import type { Context, PropertySpec } from "../../rpc/index.ts";
import type * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import type { Parameters } from "../client/signature.ts";
import { filledText, flag, type Rule, textMap } from "./inputs.ts";
import type { Command } from "./object.ts";
import { stringMap } from "./properties.ts";
import { flat } from "./tags.ts";
import { findTemplate } from "./template-api.ts";

export interface TemplateFlags {
  displayText: string;
  osTypeId: string;
  passwordEnabled?: boolean;
  sshKeyEnabled?: boolean;
  dynamicallyScalable?: boolean;
  requiresHvm?: boolean;
  public?: boolean;
  featured?: boolean;
  extractable?: boolean;
  details?: Record<string, string>;
}

const off = "False by default.";

export const flagProperties: Record<string, PropertySpec> = {
  displayText: { type: "string" },
  osTypeId: { type: "string" },
  passwordEnabled: { type: "boolean", description: `Every instance gets a password made for it. ${off}` },
  sshKeyEnabled: { type: "boolean", description: `It says of itself that it takes up SSH keys. ${off}` },
  dynamicallyScalable: { type: "boolean", description: `Instances can be scaled while they run. ${off}` },
  requiresHvm: { type: "boolean", description: "True by default." },
  public: { type: "boolean", description: `All accounts can use it. ${off}` },
  featured: { type: "boolean", description: `It is shown first. ${off}` },
  extractable: { type: "boolean", description: `It can be downloaded. ${off}` },
  details: {
    ...stringMap,
    description:
      "Settings of instances made from it. These are all that it has; what CloudStack adds is removed.",
  },
};

export const flagRules: Record<string, Rule> = {
  displayText: filledText,
  osTypeId: filledText,
  passwordEnabled: flag,
  sshKeyEnabled: flag,
  dynamicallyScalable: flag,
  requiresHvm: flag,
  public: flag,
  featured: flag,
  extractable: flag,
  details: textMap,
};

/** Of the inputs that CloudStack takes at the creation. */
export function creationParameters(
  inputs: Partial<TemplateFlags>,
  ownDetails: Record<string, string> = {},
): Parameters {
  return {
    ...(inputs.displayText !== undefined && { displaytext: inputs.displayText }),
    ...(inputs.osTypeId !== undefined && { ostypeid: inputs.osTypeId }),
    passwordenabled: String(inputs.passwordEnabled ?? false),
    sshkeyenabled: String(inputs.sshKeyEnabled ?? false),
    isdynamicallyscalable: String(inputs.dynamicallyScalable ?? false),
    requireshvm: String(inputs.requiresHvm ?? byDefault.requiresHvm),
    ispublic: String(inputs.public ?? false),
    isfeatured: String(inputs.featured ?? false),
    ...flat("details", { ...inputs.details, ...ownDetails }),
  };
}

const byDefault = {
  passwordEnabled: false,
  sshKeyEnabled: false,
  dynamicallyScalable: false,
  requiresHvm: true,
  public: false,
  featured: false,
  extractable: false,
};

/** As far as the server tells them. */
export function flagInputs(row: answers.Template): TemplateFlags {
  const told: Record<keyof typeof byDefault, boolean | undefined> = {
    passwordEnabled: row.passwordenabled,
    sshKeyEnabled: row.sshkeyenabled,
    dynamicallyScalable: row.isdynamicallyscalable,
    requiresHvm: row.requireshvm,
    public: row.ispublic,
    featured: row.isfeatured,
    extractable: row.isextractable,
  };
  return {
    displayText: row.displaytext ?? row.name,
    osTypeId: row.ostypeid ?? "",
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
    ...(Object.keys(row.details).length > 0 && { details: row.details }),
  };
}

/** What the program says and the template has not. A property that it no longer says goes back to its default. */
export function flagChanges(
  row: answers.Template,
  wanted: Partial<TemplateFlags> & { name?: string; templateTag?: string },
  old: Partial<TemplateFlags>,
): Command[] {
  const was = { ...byDefault, ...flagInputs(row) };
  const moved = (name: keyof typeof byDefault): boolean | undefined => {
    const value = wanted[name] ?? (old[name] === undefined ? was[name] : byDefault[name]);
    return value === was[name] ? undefined : value;
  };
  const { name, displayText, osTypeId, templateTag } = wanted;
  const texts = {
    ...(name !== undefined && name !== row.name && { name }),
    ...(displayText !== undefined && displayText !== was.displayText && { displaytext: displayText }),
    ...(osTypeId !== undefined && osTypeId !== was.osTypeId && { ostypeid: osTypeId }),
    ...(templateTag !== undefined && templateTag !== row.templatetag && { templatetag: templateTag }),
    ...said("passwordenabled", moved("passwordEnabled")),
    ...said("sshkeyenabled", moved("sshKeyEnabled")),
    ...said("isdynamicallyscalable", moved("dynamicallyScalable")),
    ...said("requireshvm", moved("requiresHvm")),
  };
  const permissions = {
    ...said("ispublic", moved("public")),
    ...said("isfeatured", moved("featured")),
    ...said("isextractable", moved("extractable")),
  };
  return [
    ...command("updateTemplate", row.id, texts),
    ...command("updateTemplatePermissions", row.id, permissions),
  ];
}

function command(name: string, id: string, parameters: Parameters): Command[] {
  return Object.keys(parameters).length === 0
    ? []
    : [{ name, parameters: { id, ...parameters }, sync: true }];
}

export async function applied(
  commands: readonly Command[],
  { client, signal }: Context<CloudStack>,
): Promise<void> {
  for (const { name, parameters } of commands) await client.call(name, parameters, signal);
}

function said(parameter: string, value: boolean | undefined): Parameters {
  return value === undefined ? {} : { [parameter]: String(value) };
}

/**
 * All that the template has afterwards. CloudStack copies an instance's details into what is captured of it, its SSH key
 * and the names of its key pairs among them: every instance made from it would let the builder in. So it is looked at
 * again.
 */
export async function setDetails(
  row: answers.Template,
  wanted: Readonly<Record<string, string>>,
  context: Context<CloudStack>,
): Promise<void> {
  const commands = detailChanges(row, wanted);
  if (commands.length === 0) return;
  await applied(commands, context);
  const after = (await findTemplate(row.id, context))?.details ?? {};
  if (isExactly(after, wanted)) return;
  const names = new Set([...Object.keys(after), ...Object.keys(wanted)]);
  throw otherDetails(
    row.name,
    [...names].filter((name) => after[name] !== wanted[name]),
  );
}

/** So that the template has these details and no others. */
export function detailChanges(row: answers.Template, wanted: Readonly<Record<string, string>>): Command[] {
  if (isExactly(row.details, wanted)) return [];
  const parameters: Parameters =
    Object.keys(wanted).length === 0 ? { cleanupdetails: "true" } : flat("details", { ...wanted });
  return command("updateTemplate", row.id, parameters);
}

function isExactly(
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(wanted);
  return Object.keys(there).length === names.length && names.every((name) => there[name] === wanted[name]);
}

function otherDetails(name: string, details: readonly string[]): Problem {
  return new Problem({
    what: "the template keeps what it must not hold",
    object: name,
    because: `its details ${details.join(", ")} are not those that were asked for, although the cloud took the change: they may let the builder into every instance`,
    next: "have the operator of the cloud remove them, or build without key pairs",
  });
}
