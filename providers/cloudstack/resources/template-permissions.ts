import type { Context, Existing, Fault, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { faultsIn, filledText, flag, missing, textList } from "./inputs.ts";
import { movesThatCount } from "./object.ts";
import { attempt } from "./problems.ts";
import { resourceSchema } from "./properties.ts";
import { findTemplate } from "./template-api.ts";

export interface TemplatePermissionsInputs {
  templateId: string;
  accounts?: string[];
  projectIds?: string[];
  public?: boolean;
  featured?: boolean;
  extractable?: boolean;
}

type Client = CloudStack;
type Calling = Context<Client>;

interface Granted {
  accounts: string[];
  projectIds: string[];
}

export const templatePermissions: ResourceHandler<
  TemplatePermissionsInputs,
  TemplatePermissionsInputs,
  Client
> = {
  token: "cloudstack:index:TemplatePermissions",
  schema: resourceSchema({
    description:
      "Who may use a template besides its owner (`updateTemplatePermissions`). Accounts and projects that it does not name are left as they are; removed, it takes back what it gave. Where a `Template` of the same program says `public`, `featured` or `extractable`, leave them out here.\n\nImported by the template's id.",
    inputs: {
      templateId: { type: "string", willReplaceOnChanges: true },
      accounts: {
        type: "array",
        items: { type: "string" },
        description: "Names of accounts in the owner's domain; their order means nothing.",
      },
      projectIds: {
        type: "array",
        items: { type: "string" },
        description: "Ids of projects; their order means nothing.",
      },
      public: { type: "boolean", description: "All accounts can use it." },
      featured: { type: "boolean", description: "It is shown first." },
      extractable: { type: "boolean", description: "It can be downloaded." },
    },
    required: ["templateId"],
    outputs: {},
    present: ["templateId"],
  }),

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["templateId"]),
      ...nothingSaid(news),
      ...faultsIn(
        { ...news },
        {
          templateId: filledText,
          accounts: textList,
          projectIds: textList,
          public: flag,
          featured: flag,
          extractable: flag,
        },
      ),
    ],
  }),

  // The same words for one template cannot stand twice.
  diff: (old, news, moves) => ({
    changes: movesThatCount(old, news, moves).map((move) => ({
      ...move,
      replace: move.property === "templateId",
    })),
    deleteBeforeReplace: news.templateId === old.inputs.templateId,
  }),

  create: (inputs, context) => {
    const id = inputs.templateId;
    return attempt(context.client, about("cannot share the template", id), async () => {
      await grant(id, inputs, { accounts: [], projectIds: [] }, context);
      return { id, state: inputs };
    });
  },

  read: (id, known, context) =>
    attempt(context.client, about("cannot look at the template's permissions", id), async () => {
      const granted = await grantedOn(id, context);
      const template = granted && (await findTemplate(id, context));
      if (!granted || !template) return undefined;
      const { inputs } = known;
      // The owner stands in CloudStack's list too.
      const others = granted.accounts.filter((name) => name !== template.account);
      const still = (wanted: string[] | undefined, there: string[]) =>
        wanted?.filter((one) => there.includes(one));
      const accounts = inputs ? still(inputs.accounts, others) : others;
      const projectIds = inputs ? still(inputs.projectIds, granted.projectIds) : granted.projectIds;
      const flagOf = (name: "public" | "featured" | "extractable", told: boolean | undefined) =>
        inputs && inputs[name] === undefined ? {} : { [name]: told ?? inputs?.[name] ?? false };
      const seen = {
        templateId: id,
        ...(accounts && { accounts }),
        ...(projectIds && projectIds.length > 0 && { projectIds }),
        ...flagOf("public", template.ispublic),
        ...flagOf("featured", template.isfeatured),
        ...flagOf("extractable", template.isextractable),
      };
      return { state: seen, inputs: seen };
    }),

  update: (old, news, context) =>
    attempt(context.client, about("cannot change the template's permissions", old.id), async () => {
      const { accounts = [], projectIds = [] } = old.state;
      await grant(old.id, news, { accounts, projectIds }, context);
      return { state: news };
    }),

  delete: (old, context) =>
    attempt(context.client, about("cannot take back the template's permissions", old.id), () =>
      takeBack(old, context),
    ),
};

function about(what: string, object: string) {
  return { what, object };
}

function nothingSaid({ templateId: _, ...rest }: TemplatePermissionsInputs): Fault[] {
  return Object.values(rest).some((value) => value !== undefined)
    ? []
    : [{ property: "accounts", reason: "is missing, and so is everything else that could be permitted" }];
}

/** What is new is added, what was given before and is no more wanted is removed, what others gave stays. */
async function grant(
  id: string,
  wanted: TemplatePermissionsInputs,
  before: Granted,
  context: Calling,
): Promise<void> {
  const { accounts = [], projectIds = [] } = wanted;
  const there = (await grantedOn(id, context)) ?? { accounts: [], projectIds: [] };
  await change(id, "add", without(accounts, there.accounts), without(projectIds, there.projectIds), context);
  await change(
    id,
    "remove",
    without(before.accounts, accounts),
    without(before.projectIds, projectIds),
    context,
  );
  const flags = {
    ...(wanted.public !== undefined && { ispublic: String(wanted.public) }),
    ...(wanted.featured !== undefined && { isfeatured: String(wanted.featured) }),
    ...(wanted.extractable !== undefined && { isextractable: String(wanted.extractable) }),
  };
  if (Object.keys(flags).length > 0) {
    await context.client.call("updateTemplatePermissions", { id, ...flags }, context.signal);
  }
}

async function change(
  id: string,
  op: "add" | "remove",
  accounts: readonly string[],
  projectIds: readonly string[],
  { client, signal }: Calling,
): Promise<void> {
  if (accounts.length > 0) {
    const parameters = { id, op, accounts: accounts.join(",") };
    await client.call("updateTemplatePermissions", parameters, signal);
  }
  if (projectIds.length > 0) {
    const parameters = { id, op, projectids: projectIds.join(",") };
    await client.call("updateTemplatePermissions", parameters, signal);
  }
}

/** A template that is gone has none to take back. */
async function takeBack(
  { id, state }: Existing<TemplatePermissionsInputs, TemplatePermissionsInputs>,
  context: Calling,
): Promise<void> {
  const there = await grantedOn(id, context);
  if (!there) return;
  const still = (given: readonly string[] = [], now: readonly string[]) =>
    given.filter((one) => now.includes(one));
  await change(
    id,
    "remove",
    still(state.accounts, there.accounts),
    still(state.projectIds, there.projectIds),
    context,
  );
  const flags = {
    ...(state.public === true && { ispublic: "false" }),
    ...(state.featured === true && { isfeatured: "false" }),
    ...(state.extractable === true && { isextractable: "false" }),
  };
  if (Object.keys(flags).length > 0) {
    await context.client.call("updateTemplatePermissions", { id, ...flags }, context.signal);
  }
}

/** @returns undefined when there is no such template */
async function grantedOn(id: string, { client, signal }: Calling): Promise<Granted | undefined> {
  try {
    const { templatepermission } = await client.call("listTemplatePermissions", { id }, signal);
    const told = answers.templatePermission.parse(templatepermission);
    return { accounts: told.account, projectIds: told.projectids };
  } catch (error) {
    if (isFault(error, "invalid")) return undefined;
    throw error;
  }
}

function without(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((one) => !others.includes(one));
}
