import { Problem } from "../../../common/problem.ts";
import {
  type Context,
  type CreateContext,
  differenceOf,
  type Fault,
  isUnknown,
  type ResourceHandler,
} from "../../rpc/index.ts";
import type { CloudStack } from "../client/client.ts";
import { perform } from "../client/jobs.ts";
import { identityOf } from "./identity.ts";
import { faultsIn, filledText, missing, zoneList } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { isSameSet, movesThatCount } from "./object.ts";
import { endOfJob, performOnce } from "./once.ts";
import { attempt } from "./problems.ts";
import { jobIdOutput, resourceSchema } from "./properties.ts";
import { templateByZone, waitUntilReadyIn } from "./template-api.ts";

export interface TemplateCopyInputs {
  templateId: string;
  sourceZoneId: string;
  zoneIds: string[];
}

export interface TemplateCopyState extends TemplateCopyInputs {
  jobId?: string;
}

const failedCopy = {
  what: "the template was not copied",
  next: "look at the secondary storage of that zone, then pulumi up",
};

type Client = CloudStack;
type Calling = Context<Client>;

export const templateCopy: ResourceHandler<TemplateCopyInputs, TemplateCopyState, Client> = {
  token: "cloudstack:index:TemplateCopy",
  schema: resourceSchema({
    description:
      "A template in other zones than the one that it was made in (`copyTemplate`). Each zone counts when the cloud lists the template as ready there: a copy's job can end well although the copy failed. Removed, it takes the template out of these zones and no other.\n\nImported by the template's id and the zones: `TEMPLATE/SOURCE-ZONE/ZONE,ZONE`.",
    inputs: {
      templateId: { type: "string", willReplaceOnChanges: true },
      sourceZoneId: { type: "string", willReplaceOnChanges: true, description: "Where it is." },
      zoneIds: {
        type: "array",
        items: { type: "string" },
        description: "Where it is to be too; their order means nothing.",
      },
    },
    required: ["templateId", "sourceZoneId", "zoneIds"],
    outputs: { jobId: jobIdOutput },
    present: ["templateId", "sourceZoneId", "zoneIds"],
  }),

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["templateId", "sourceZoneId", "zoneIds"]),
      ...faultsIn(
        { ...news },
        {
          templateId: filledText,
          sourceZoneId: filledText,
          zoneIds: zoneList,
        },
      ),
      ...copiedOntoItself(news),
    ],
  }),

  diff: (old, news, moves) => differenceOf(templateCopy.schema, movesThatCount(old, news, moves)),

  create: (inputs, context) =>
    attempt(context.client, about("cannot copy the template", inputs.templateId), async () => {
      const id = idOf(inputs);
      // A try that was cut off left copies that are as good as new ones.
      const there = await templateByZone(inputs.templateId, context);
      await copyTo(id, inputs, without(inputs.zoneIds, [...there.keys()]), context);
      context.save(id, inputs);
      await waitUntilReadyIn(inputs.templateId, inputs.zoneIds, context, failedCopy);
      return { id, state: inputs };
    }),

  read: (id, known, context) => {
    const inputs = known.inputs ?? parsedId(id);
    return attempt(context.client, about("cannot look at the template's copies", id), async () => {
      const there = await templateByZone(inputs.templateId, context);
      const zoneIds = inputs.zoneIds.filter((zone) => there.get(zone)?.isready === true);
      if (zoneIds.length === 0) return undefined;
      const seen = isSameSet("zoneIds", zoneIds, inputs.zoneIds) ? inputs : { ...inputs, zoneIds };
      return { state: seen, inputs: seen };
    });
  },

  update: (old, news, context) =>
    attempt(context.client, about("cannot copy the template", news.templateId), async () => {
      await endOfJob(old.state, context, waitingOf(context, "copying the template"));
      const there = await templateByZone(news.templateId, context);
      await copyTo(old.id, news, without(news.zoneIds, [...there.keys()]), context);
      await waitUntilReadyIn(news.templateId, news.zoneIds, context, failedCopy);
      await removeFrom(news.templateId, without(old.state.zoneIds, news.zoneIds), context);
      return { state: news };
    }),

  delete: ({ state }, context) =>
    attempt(context.client, about("cannot remove the template's copies", state.templateId), async () => {
      await endOfJob(state, context, waitingOf(context, "copying the template"));
      await removeFrom(state.templateId, state.zoneIds ?? [], context);
    }),
};

function copiedOntoItself({ zoneIds, sourceZoneId }: TemplateCopyInputs): Fault[] {
  if (!Array.isArray(zoneIds) || isUnknown(sourceZoneId)) return [];
  return zoneIds.flatMap((zone, index) =>
    zone === sourceZoneId
      ? [{ property: ["zoneIds", index], reason: "is the zone that it is copied from" }]
      : [],
  );
}

function about(what: string, object: string) {
  return { what, object };
}

function idOf({ templateId, sourceZoneId, zoneIds }: TemplateCopyInputs): string {
  return `${templateId}/${sourceZoneId}/${[...zoneIds].sort().join(",")}`;
}

function parsedId(id: string): TemplateCopyInputs {
  const [templateId = "", sourceZoneId = "", zones = ""] = id.split("/");
  const zoneIds = zones.split(",").filter(Boolean);
  if (templateId !== "" && sourceZoneId !== "" && zoneIds.length > 0) {
    return { templateId, sourceZoneId, zoneIds };
  }
  throw new Problem({
    what: "cannot import the copies",
    object: id,
    because: "the id must name template, source zone and zones",
    next: "pulumi import cloudstack:index:TemplateCopy NAME TEMPLATE/SOURCE-ZONE/ZONE,ZONE",
  });
}

async function copyTo(
  id: string,
  inputs: TemplateCopyInputs,
  zoneIds: readonly string[],
  context: CreateContext<Client, TemplateCopyState>,
): Promise<void> {
  if (zoneIds.length === 0) return;
  const { templateId, sourceZoneId } = inputs;
  const parameters = { id: templateId, sourcezoneid: sourceZoneId, destzoneids: zoneIds.join(",") };
  const waiting = waitingOf(context, `copying the template to ${zoneIds.length} zones`);
  const command = { name: "copyTemplate", parameters };
  const identity = identityOf(context, {});
  const begun = (jobId: string) => context.save(id, { ...inputs, jobId });
  await performOnce(command, identity, context, waiting, begun, context.forget);
}

async function removeFrom(id: string, zoneIds: readonly string[], context: Calling): Promise<void> {
  const there = await templateByZone(id, context);
  for (const zone of zoneIds.filter((one) => there.has(one))) {
    const waiting = waitingOf(context, "removing the copy");
    await perform(context.client, "deleteTemplate", { id, zoneid: zone }, waiting);
  }
}

function without(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((one) => !others.includes(one));
}
