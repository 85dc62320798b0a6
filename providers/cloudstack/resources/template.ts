import { Problem } from "../../../common/problem.ts";
import type { Context, CreateContext, Existing, Fault, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { waitForJob } from "../client/jobs.ts";
import type { Parameters } from "../client/signature.ts";
import {
  begunTag,
  freshName,
  type Identity,
  identityOf,
  keyTag,
  mark,
  marksOf,
  nameStem,
  recorded,
} from "./identity.ts";
import { faultsIn, filledText, flag, missing, tagMap, textMap } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { asSeen, movesThatCount, tagInputs } from "./object.ts";
import { endOfJob } from "./once.ts";
import { attempt, protectedObject } from "./problems.ts";
import { resourceSchema, tagsProperty, triggersProperty } from "./properties.ts";
import { changeTags, markRecorded, missingMarks, type Tags, tagsOf } from "./tags.ts";
import { cannotCapture, findTemplate, keyDetail, removeTemplate, waitUntilReady } from "./template-api.ts";
import {
  applied,
  creationParameters,
  flagChanges,
  flagInputs,
  flagProperties,
  flagRules,
  setDetails,
  type TemplateFlags,
} from "./template-flags.ts";
import {
  searchOutput,
  searchProperties,
  searchRules,
  searchTemplate,
  type TemplateSearch,
  Unfit,
} from "./template-search.ts";
import { type Source, sourceOf, watchAgain } from "./template-source.ts";
import { captureCommand, freshCaptureJob, removeTemplateTries, templateTries } from "./template-tries.ts";

export interface TemplateInputs extends TemplateFlags, TemplateSearch {
  instanceId?: string;
  volumeId?: string;
  snapshotId?: string;
  name?: string;
  templateTag?: string;
  deleteProtection?: boolean;
  forceDelete?: boolean;
  tags?: Record<string, string>;
  triggers?: Record<string, string>;
}

export interface TemplateState extends TemplateInputs {
  name: string;
  sourceVolumeId: string;
  zoneId: string;
  zoneName: string;
  /** Bytes. */
  size: number;
  /** Bytes. */
  physicalSize: number;
  created: string;
  ready: boolean;
  jobId: string;
  diskSearch?: string;
}

type Creating = CreateContext<CloudStack, TemplateState>;

export const template: ResourceHandler<TemplateInputs, TemplateState, CloudStack> = {
  token: "cloudstack:index:Template",
  schema: resourceSchema({
    description:
      "A template captured from an instance's root volume, a volume or a snapshot (`createTemplate`). The instance is stopped, and watched that it stays so; the template counts when the cloud lists it as ready and its size no longer moves; of the details that CloudStack copies from the instance, such as its SSH key, none stays. A capture that fails leaves no template.\n\nImported by its id.",
    inputs: {
      instanceId: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Whose root volume is captured; it is stopped for it.",
      },
      volumeId: {
        type: "string",
        willReplaceOnChanges: true,
        description: "In place of `instanceId`: a volume that no running instance has.",
      },
      snapshotId: {
        type: "string",
        willReplaceOnChanges: true,
        description: "In place of `instanceId`: a backed up snapshot, whose instance may run.",
      },
      name: { type: "string", description: "By default made from the resource's name." },
      ...flagProperties,
      templateTag: {
        type: "string",
        description: "Tag of the hosts that its instances run on; for administrators only.",
      },
      ...searchProperties,
      deleteProtection: { type: "boolean", description: "This provider refuses to delete it." },
      forceDelete: {
        type: "boolean",
        description: "Deletes it even while instances stand on it, which CloudStack otherwise refuses.",
      },
      tags: tagsProperty,
      triggers: triggersProperty,
    },
    required: ["displayText", "osTypeId"],
    outputs: {
      sourceVolumeId: { type: "string" },
      zoneId: { type: "string" },
      zoneName: { type: "string" },
      size: { type: "number", description: "Bytes, of the disk." },
      physicalSize: { type: "number", description: "Bytes, as stored." },
      created: { type: "string" },
      ready: { type: "boolean", description: "Instances can be deployed from it." },
      jobId: { type: "string", description: "The job that captured it." },
      diskSearch: searchOutput,
    },
    present: [
      "name",
      "displayText",
      "osTypeId",
      "sourceVolumeId",
      "zoneId",
      "zoneName",
      "size",
      "physicalSize",
      "created",
      "ready",
      "jobId",
    ],
  }),

  check: (news, { olds }) => ({
    inputs: news,
    faults: [
      ...oneSource(news, olds),
      ...missing({ ...news }, ["displayText", "osTypeId"]),
      ...faultsIn(
        { ...news },
        {
          instanceId: filledText,
          volumeId: filledText,
          snapshotId: filledText,
          name: filledText,
          ...flagRules,
          templateTag: filledText,
          ...searchRules,
          deleteProtection: flag,
          forceDelete: flag,
          tags: tagMap,
          triggers: textMap,
        },
      ),
    ],
  }),

  diff: (old, news, moves) => {
    const changes = movesThatCount(old, news, moves)
      .filter(({ property }) => !isLeftOpen(property, old.inputs, news))
      .map((move) => ({ ...move, replace: capturedWith.has(move.property) }));
    const again = changes.some(({ replace }) => replace);
    const source = news.instanceId ?? news.volumeId ?? news.snapshotId;
    return {
      changes,
      costs: again ? [`${old.state.name ?? "the template"} is captured again, from ${String(source)}`] : [],
    };
  },

  stable: [
    "name",
    "sourceVolumeId",
    "zoneId",
    "zoneName",
    "size",
    "physicalSize",
    "created",
    "ready",
    "jobId",
    "diskSearch",
  ],

  create: async (inputs, context) => {
    const identity = identityOf(context, fixed(inputs));
    const name = inputs.name ?? freshName(nameStem(context.urn, identity), identity);
    const about = { what: "cannot capture the template", object: name };
    return attempt(context.client, about, async () => {
      const { unfinished, stranger } = await templateTries(inputs.name, identity, context);
      await removeTemplateTries(unfinished, identity, context);
      if (stranger) throw nameTaken(stranger);
      const source = await sourceOf(inputs, context);
      const { id, jobId } = await capture({ ...inputs, name }, source, identity, context);
      const { now, later } = marksOf(context.predecessor);
      const known = { name, jobId, sourceVolumeId: source.volumeId ?? "" };
      const marks = { [begunTag]: mark(identity), ...now };
      const state = await finish(id, inputs, known, marks, context).catch((error: unknown) => {
        if (error instanceof Unfit) context.forget();
        throw error;
      });
      if (!later) return { id, state };
      const onceRecorded = () => markRecorded(context.client, "Template", id, waitingOf(context, "tagging"));
      return { id, state, onceRecorded };
    });
  },

  read: async (id, known, context) => {
    const about = { what: "cannot look at the template", object: known.state?.name ?? id };
    return attempt(context.client, about, async () => {
      const found = await findTemplate(id, context);
      if (!found) return undefined;
      const inputs = asSeen(inputsOf(found), known.inputs);
      return { state: stateOf(found, inputs, known.state ?? {}), inputs };
    });
  },

  update: async (old, news, context) => {
    const about = { what: "cannot update the template", object: `${old.state.name ?? ""} (${old.id})` };
    return attempt(context.client, about, async () => {
      const marks = { [keyTag]: recorded };
      await endOfCapture(old, context);
      return { state: await finish(old.id, news, old.state, marks, context) };
    });
  },

  delete: async (old, context) => {
    const about = {
      what: "cannot delete the template",
      object: `${old.state.name ?? ""} (${old.id})`,
      next: { invalid: "remove the instances that are made from it first, or set forceDelete" },
    };
    if (old.state.deleteProtection === true) throw protectedObject(about, context.urn);
    await attempt(context.client, about, async () => {
      // What is still being written cannot be deleted; how that ends does not matter.
      if (old.state.ready === false)
        await endOfJob(old.state, context, waitingOf(context, "waiting for the capture"));
      await removeTemplate(old.id, context, old.state.forceDelete === true);
    });
  },
};

const capturedWith: ReadonlySet<string> = new Set(["instanceId", "volumeId", "snapshotId", "triggers"]);

/** What is no more said stays: CloudStack takes no tag away. What an imported template was made of is not known. */
function isLeftOpen(property: string, old: TemplateInputs, news: TemplateInputs): boolean {
  if (property === "name" || property === "templateTag") return news[property] === undefined;
  const imported = sourcesIn(old).length === 0;
  return imported && ["instanceId", "volumeId", "snapshotId"].includes(property);
}

function sourcesIn({ instanceId, volumeId, snapshotId }: TemplateInputs): [string, string | undefined][] {
  return Object.entries({ instanceId, volumeId, snapshotId }).filter(([, id]) => id !== undefined);
}

/** What another capture would be needed for. */
function fixed(inputs: TemplateInputs): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => capturedWith.has(name)));
}

/** What an imported template was made of nobody knows any more: its program need not say it. */
function oneSource(news: TemplateInputs, olds: TemplateInputs | undefined): Fault[] {
  const given = sourcesIn(news);
  if (given.length === 0 && (olds === undefined || sourcesIn(olds).length > 0)) {
    return [{ property: "instanceId", reason: "is required, or volumeId or snapshotId in its place" }];
  }
  return given.slice(1).map(([property]) => ({
    property,
    reason: `is given beside ${given[0]?.[0]}: a template is made of one of them`,
  }));
}

async function capture(
  inputs: TemplateInputs & { name: string },
  source: Source,
  identity: Identity,
  context: Creating,
): Promise<{ id: string; jobId: string }> {
  const { client, signal } = context;
  const { name } = inputs;
  // Nobody else is to see it before it is free of what CloudStack copies from the instance.
  const hidden = { ...inputs, public: false, featured: false };
  const parameters = {
    ...source.parameters,
    name,
    ...creationParameters(hidden, { [keyDetail]: identity.key }),
    ...(inputs.templateTag !== undefined && { templatetag: inputs.templateTag }),
  };
  const { id: early, jobId } = await client.submit(
    captureCommand,
    parameters,
    signal,
    await freshCaptureJob(identity, context),
  );
  const partly = { ...inputs, jobId, sourceVolumeId: source.volumeId ?? "", ready: false };
  if (early !== undefined) context.save(early, partly);
  const begun = performance.now();
  const waiting = waitingOf(context, `capturing ${name}`);
  const outcome = await waitForJob(client, captureCommand, jobId, {
    ...waiting,
    async onPending(elapsed) {
      waiting.onPending(elapsed);
      await source.look();
    },
  });
  if (outcome.kind === "failed") {
    if (early === undefined || (await undo(early, name, context))) context.forget();
    throw outcome.fault;
  }
  await source.look();
  const id = early ?? (await idByKey(identity, context));
  if (id === undefined) throw cannotCapture(name, "the job ended, and no template came of it");
  context.save(id, partly);
  try {
    if (source.disturbed !== undefined) throw cannotCapture(name, source.disturbed);
    const { zoneId } = source;
    const [took, lost] = [performance.now() - begun, outcome.kind === "lost"];
    await waitUntilReady(id, name, { zoneId, took, lost }, context);
    await scrub(id, inputs, { [begunTag]: mark(identity) }, context);
  } catch (error) {
    if (error instanceof Problem && (await undo(id, name, context))) context.forget();
    throw error;
  }
  return { id, jobId };
}

/** @returns whether it is gone */
async function undo(id: string, name: string, context: Creating): Promise<boolean> {
  try {
    await removeTemplate(id, context);
    return true;
  } catch (error) {
    context.log.warning(`template ${name} (${id}) could not be removed: ${String(error)}`);
    return false;
  }
}

/** So that it has the details of the program and no others. A mark first: the one in the details goes with them. */
async function scrub(id: string, inputs: TemplateInputs, marks: Tags, context: Creating): Promise<void> {
  const found = await findTemplate(id, context);
  if (!found) throw goneTemplate(id, context);
  const missing = missingMarks(marks, tagsOf(found.tags));
  if (Object.keys(missing).length > 0) {
    await changeTags(context.client, "Template", id, {}, missing, waitingOf(context, "tagging"));
  }
  await setDetails(found, inputs.details ?? {}, context);
}

/** A capture that was given up goes on in the cloud: it is watched until its end, and counts as any other. */
async function endOfCapture(
  { id, inputs, state }: Existing<TemplateInputs, TemplateState>,
  context: Creating,
): Promise<void> {
  if (state.ready !== false) return;
  const { jobId, name } = state;
  const watch = await watchAgain(inputs, context);
  await watch.look();
  const waiting = waitingOf(context, `capturing ${name}`);
  const outcome = await waitForJob(context.client, captureCommand, jobId, {
    ...waiting,
    async onPending(elapsed) {
      waiting.onPending(elapsed);
      await watch.look();
    },
  });
  await watch.look();
  const reason = outcome.kind === "failed" ? outcome.fault.text : watch.disturbed;
  try {
    if (reason !== undefined) throw cannotCapture(name, reason);
    await waitUntilReady(id, name, { lost: outcome.kind === "lost" }, context);
  } catch (error) {
    if (error instanceof Problem) await undo(id, name, context);
    throw error;
  }
}

async function idByKey(identity: Identity, { client, signal }: Creating): Promise<string | undefined> {
  const rows = await client.list("listTemplates", answers.template, { templatefilter: "self" }, signal);
  return rows.find(({ details }) => details[keyDetail] === identity.key)?.id;
}

/** Everything that comes after the capture; done again it changes nothing. */
async function finish(
  id: string,
  inputs: TemplateInputs,
  old: Partial<TemplateState>,
  marks: Tags,
  context: Creating,
): Promise<TemplateState> {
  const { client } = context;
  await scrub(id, inputs, marks, context);
  const found = await findTemplate(id, context);
  if (!found) throw goneTemplate(id, context);
  const diskSearch = old.diskSearch ?? (await fitForUse(found, inputs, context));
  const wanted = { ...inputs.tags, ...missingMarks(marks, tagsOf(found.tags)) };
  const names = new Set([...Object.keys(old.tags ?? {}), ...Object.keys(wanted)]);
  const managed = tagsOf(found.tags.filter(({ key }) => names.has(key)));
  await changeTags(client, "Template", id, managed, wanted, waitingOf(context, "tagging"));
  const changes = flagChanges(found, inputs, old);
  await applied(changes, context);
  const finished = await findTemplate(id, context);
  if (!finished) throw goneTemplate(id, context);
  // The tag shows to administrators only.
  const { templateTag: _, ...shown } = inputs;
  const visible = finished.templatetag === undefined ? shown : inputs;
  const [left] = changes.length > 0 ? flagChanges(finished, visible, old) : [];
  if (left) throw withoutEffect(finished.name, left.parameters);
  return stateOf(finished, inputs, { ...old, ...(diskSearch !== undefined && { diskSearch }) });
}

/** One that holds what it must not is gone before anybody can use it. */
async function fitForUse(
  found: answers.Template,
  inputs: TemplateInputs,
  context: Context<CloudStack>,
): Promise<string | undefined> {
  try {
    return await searchTemplate(found, inputs, context);
  } catch (error) {
    if (error instanceof Unfit) await removeTemplate(found.id, context, true);
    throw error;
  }
}

function inputsOf(row: answers.Template): TemplateInputs {
  const { name, templatetag } = row;
  return { name, ...flagInputs(row), ...(templatetag && { templateTag: templatetag }), ...tagInputs(row) };
}

function stateOf(
  found: answers.Template,
  inputs: TemplateInputs,
  old: Partial<TemplateState>,
): TemplateState {
  return {
    ...inputs,
    name: found.name,
    displayText: found.displaytext ?? inputs.displayText,
    sourceVolumeId: old.sourceVolumeId ?? "",
    zoneId: found.zoneid ?? "",
    zoneName: found.zonename ?? "",
    size: found.size ?? 0,
    physicalSize: found.physicalsize ?? 0,
    created: found.created ?? "",
    ready: found.isready ?? false,
    jobId: old.jobId ?? "",
    ...(old.diskSearch !== undefined && { diskSearch: old.diskSearch }),
  };
}

/** Older servers pass over parameters that they do not know. */
function withoutEffect(name: string, parameters: Parameters): Problem {
  const { id: _, ...asked } = parameters;
  return new Problem({
    what: "the template did not change",
    object: name,
    because: `the cloud took ${Object.keys(asked).join(", ")} and shows the template as it was`,
    next: "pulumi up; if it stays so, this version of CloudStack cannot change it in place",
  });
}

function goneTemplate(id: string, { urn }: { urn: string }): Problem {
  return new Problem({
    what: "the template is gone",
    object: id,
    because: "it was deleted outside of this program",
    next: `pulumi refresh --target '${urn}', then pulumi up`,
  });
}

function nameTaken({ name, id }: answers.Template): Problem {
  return new Problem({
    what: "cannot capture the template",
    object: name,
    because: `the account has a template of this name that is not this program's (${id})`,
    next: `delete it, give another name, or take it over: pulumi import cloudstack:index:Template NAME ${id}`,
  });
}
