import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../../common/problem.ts";
import type { CreateContext, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { growingPauses, JobTimeout, perform, waitForJob } from "../client/jobs.ts";
import { freshName, type Identity, identityOf, keyTag, mark, marksOf, nameStem } from "./identity.ts";
import { faultsIn, filledText, flag, missing, tagMap, textMap } from "./inputs.ts";
import { settledInstance, waitingOf } from "./instance-api.ts";
import { attempt } from "./problems.ts";
import { resourceSchema, stringMap, tagsProperty, triggersProperty } from "./properties.ts";
import { changeTags, flat, type Tags, tagsOf, visibleTags } from "./tags.ts";
import { findTemplate, isFailed, keyDetail, removeTemplate } from "./template-api.ts";
import { removeTemplateTries, templateTries } from "./template-tries.ts";

export interface TemplateInputs {
  instanceId: string;
  name?: string;
  displayText: string;
  osTypeId: string;
  passwordEnabled?: boolean;
  public?: boolean;
  featured?: boolean;
  extractable?: boolean;
  details?: Record<string, string>;
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
}

type Creating = CreateContext<CloudStack, TemplateState>;

/** CloudStack copies these from the instance that the template is made of; they are that instance's alone. */
const leaking = /^(SSH\.|Encrypted\.|password$)/iu;

export const template: ResourceHandler<TemplateInputs, TemplateState, CloudStack> = {
  token: "cloudstack:index:Template",
  schema: resourceSchema({
    description:
      "A template captured from an instance's root volume (`createTemplate`): the instance is stopped and stays so, the template counts when the cloud lists it as ready, and details that CloudStack copies from the instance, such as its SSH key, are taken out again. A capture that fails leaves no template.\n\nImported by its id.",
    inputs: {
      instanceId: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Whose root volume is captured.",
      },
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "By default made from the resource's name.",
      },
      displayText: { type: "string" },
      osTypeId: { type: "string", willReplaceOnChanges: true },
      passwordEnabled: { type: "boolean", willReplaceOnChanges: true, description: "False by default." },
      public: { type: "boolean", willReplaceOnChanges: true, description: "False by default." },
      featured: { type: "boolean", willReplaceOnChanges: true, description: "False by default." },
      extractable: { type: "boolean", willReplaceOnChanges: true, description: "False by default." },
      details: {
        ...stringMap,
        willReplaceOnChanges: true,
        description: "Settings of instances made from it.",
      },
      tags: tagsProperty,
      triggers: triggersProperty,
    },
    required: ["instanceId", "displayText", "osTypeId"],
    outputs: {
      sourceVolumeId: { type: "string" },
      zoneId: { type: "string" },
      zoneName: { type: "string" },
      size: { type: "number", description: "Bytes, of the disk." },
      physicalSize: { type: "number", description: "Bytes, as stored." },
      created: { type: "string" },
      ready: { type: "boolean", description: "Instances can be deployed from it." },
      jobId: { type: "string", description: "The job that captured it." },
    },
    present: [
      "instanceId",
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

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["instanceId", "displayText", "osTypeId"]),
      ...faultsIn(
        { ...news },
        {
          instanceId: filledText,
          name: filledText,
          displayText: filledText,
          osTypeId: filledText,
          passwordEnabled: flag,
          public: flag,
          featured: flag,
          extractable: flag,
          details: textMap,
          tags: tagMap,
          triggers: textMap,
        },
      ),
    ],
  }),

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
  ],

  create: async (inputs, context) => {
    const identity = identityOf(context, { ...inputs, tags: undefined, displayText: undefined });
    const name = inputs.name ?? freshName(nameStem(context.urn, identity), identity);
    const about = { what: "cannot capture the template", object: name };
    return attempt(context.client, about, async () => {
      const { unfinished, stranger } = await templateTries(inputs.name, identity, context);
      await removeTemplateTries(unfinished, context);
      if (stranger) throw nameTaken(stranger);
      const volume = await stoppedRootVolume(inputs, context);
      const { id, jobId } = await capture(inputs, name, volume, identity, context);
      const known = { name, jobId, sourceVolumeId: volume.id };
      const { now, later } = marksOf(identity, context.predecessor);
      const state = await finish(id, inputs, known, now, identity, context);
      const onceRecorded = () =>
        changeTags(context.client, "Template", id, {}, later, waitingOf(context, "tagging"));
      return { id, state, onceRecorded };
    });
  },

  read: async (id, known, context) => {
    const about = { what: "cannot look at the template", object: known.state?.name ?? id };
    return attempt(context.client, about, async () => {
      const found = await findTemplate(id, context);
      if (!found) return undefined;
      const tags = visibleTags(found.tags);
      const inputs: TemplateInputs = {
        ...(known.inputs ?? {
          instanceId: "",
          name: found.name,
          displayText: found.displaytext ?? found.name,
          osTypeId: found.ostypeid ?? "",
        }),
        ...((known.inputs?.tags || Object.keys(tags).length > 0) && { tags }),
      };
      return { state: stateOf(found, inputs, known.state ?? {}), inputs };
    });
  },

  update: async (old, news, context) => {
    const about = { what: "cannot update the template", object: `${old.state.name ?? ""} (${old.id})` };
    return attempt(context.client, about, async () => {
      const identity = identityOf(context, { ...news, tags: undefined, displayText: undefined });
      if (news.displayText !== old.inputs.displayText) {
        const parameters = { id: old.id, displaytext: news.displayText };
        await context.client.call("updateTemplate", parameters, context.signal);
      }
      const marks = { [keyTag]: mark(identity) };
      return { state: await finish(old.id, news, old.state, marks, identity, context) };
    });
  },

  delete: async (old, context) => {
    const about = {
      what: "cannot delete the template",
      object: `${old.state.name ?? ""} (${old.id})`,
      next: { invalid: "remove the instances that are made from it first" },
    };
    await attempt(context.client, about, () => removeTemplate(old.id, context));
  },
};

async function stoppedRootVolume(inputs: TemplateInputs, context: Creating): Promise<answers.Volume> {
  const { client, signal } = context;
  const id = inputs.instanceId;
  const found = await settledInstance(client, id, waitingOf(context, "waiting for the instance to settle"));
  if (!found) throw noSource(id, "there is no such instance");
  if (found.state !== "Stopped") {
    context.log.status(`stopping ${found.name}`);
    await perform(client, "stopVirtualMachine", { id }, waitingOf(context, `stopping ${found.name}`));
    const stopped = await settledInstance(client, id, waitingOf(context, `stopping ${found.name}`));
    if (stopped?.state !== "Stopped")
      throw noSource(found.name, `it is ${stopped?.state ?? "gone"} after it was stopped`);
  }
  const volumes = await client.list(
    "listVolumes",
    answers.volume,
    { virtualmachineid: id, type: "ROOT" },
    signal,
  );
  if (!volumes[0]) throw noSource(found.name, "it has no root volume");
  return volumes[0];
}

async function capture(
  inputs: TemplateInputs,
  name: string,
  volume: answers.Volume,
  identity: Identity,
  context: Creating,
): Promise<{ id: string; jobId: string }> {
  const { client, signal } = context;
  const { id: early, jobId } = await client.submit(
    "createTemplate",
    {
      volumeid: volume.id,
      name,
      displaytext: inputs.displayText,
      ostypeid: inputs.osTypeId,
      passwordenabled: String(inputs.passwordEnabled ?? false),
      ispublic: String(inputs.public ?? false),
      isfeatured: String(inputs.featured ?? false),
      ...flat("details", { ...inputs.details, [keyDetail]: identity.key }),
    },
    signal,
  );
  if (early !== undefined)
    context.save(early, { ...inputs, name, jobId, sourceVolumeId: volume.id, ready: false });
  const outcome = await waitForJob(client, "createTemplate", jobId, waitingOf(context, `capturing ${name}`));
  if (outcome.kind === "failed") {
    if (early !== undefined) await removeTemplate(early, context);
    context.forget();
    throw outcome.fault;
  }
  const id = early ?? (await idByKey(identity, context));
  if (id === undefined) throw noSource(name, "the job ended, and no template came of it");
  context.save(id, { ...inputs, name, jobId, sourceVolumeId: volume.id, ready: false });
  try {
    await waitUntilReady(id, name, context);
  } catch (error) {
    if (error instanceof JobTimeout) throw error;
    await removeTemplate(id, context);
    context.forget();
    throw error;
  }
  return { id, jobId };
}

async function idByKey(identity: Identity, { client, signal }: Creating): Promise<string | undefined> {
  const rows = await client.list("listTemplates", answers.template, { templatefilter: "self" }, signal);
  return rows.find(({ details }) => details[keyDetail] === identity.key)?.id;
}

/** The job's end is a claim; the list is the evidence. */
async function waitUntilReady(id: string, name: string, context: Creating): Promise<void> {
  const { limitSeconds } = waitingOf(context, "");
  const begun = performance.now();
  for (const pause of growingPauses()) {
    const found = await findTemplate(id, context);
    if (!found) throw noSource(name, "the cloud lost the template after its job had ended well");
    if (found.isready) return;
    if (isFailed(found)) throw noSource(name, `the cloud says of it: ${found.status ?? ""}`);
    const seconds = (performance.now() - begun) / 1000;
    if (limitSeconds !== undefined && seconds > limitSeconds)
      throw new JobTimeout(`of template ${name}`, limitSeconds);
    if (seconds > 2) context.log.status(`waiting until ${name} is ready (${Math.round(seconds)} s)`);
    await delay(pause, undefined, { signal: context.signal });
  }
}

/** Everything that comes after the capture; done again it changes nothing. */
async function finish(
  id: string,
  inputs: TemplateInputs,
  old: Partial<TemplateState>,
  marks: Tags,
  identity: Identity,
  context: Creating,
): Promise<TemplateState> {
  const { client, signal } = context;
  if (old.ready === false) await waitUntilReady(id, old.name ?? id, context);
  const found = await findTemplate(id, context);
  if (!found) throw goneTemplate(id, context);
  await removeLeaks(found, inputs, identity, context);
  if (inputs.extractable !== undefined && found.isextractable !== inputs.extractable) {
    const parameters = { id, isextractable: String(inputs.extractable) };
    await client.call("updateTemplatePermissions", parameters, signal);
  }
  const wanted = { ...inputs.tags, ...marks };
  const names = new Set([...Object.keys(old.tags ?? {}), ...Object.keys(wanted)]);
  const managed = tagsOf(found.tags.filter(({ key }) => names.has(key)));
  await changeTags(client, "Template", id, managed, wanted, waitingOf(context, "tagging"));
  const finished = await findTemplate(id, context);
  if (!finished) throw goneTemplate(id, context);
  return stateOf(finished, inputs, old);
}

/** An update of details writes the whole map: what is not named is gone. Then it is looked at again. */
async function removeLeaks(
  found: answers.Template,
  inputs: TemplateInputs,
  identity: Identity,
  context: Creating,
): Promise<void> {
  const leaked = (row: answers.Template) => Object.keys(row.details).filter((name) => leaking.test(name));
  if (leaked(found).length === 0) return;
  const kept = Object.fromEntries(Object.entries(found.details).filter(([name]) => !leaking.test(name)));
  const details = { ...kept, ...inputs.details, [keyDetail]: identity.key };
  const parameters = { id: found.id, ...flat("details", details) };
  await context.client.call("updateTemplate", parameters, context.signal);
  const after = await findTemplate(found.id, context);
  const rest = after ? leaked(after) : [];
  if (rest.length > 0) throw stillLeaking(found.name, rest);
}

function stateOf(
  found: answers.Template,
  inputs: TemplateInputs,
  old: Partial<TemplateState>,
): TemplateState {
  return {
    ...inputs,
    name: found.name,
    sourceVolumeId: old.sourceVolumeId ?? "",
    zoneId: found.zoneid ?? "",
    zoneName: found.zonename ?? "",
    size: found.size ?? 0,
    physicalSize: found.physicalsize ?? 0,
    created: found.created ?? "",
    ready: found.isready ?? false,
    jobId: old.jobId ?? "",
  };
}

function noSource(object: string, because: string): Problem {
  return new Problem({
    what: "cannot capture the template",
    object,
    because,
    next: "pulumi refresh, then pulumi up",
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

function stillLeaking(name: string, details: readonly string[]): Problem {
  return new Problem({
    what: "the template keeps what it must not hold",
    object: name,
    because: `the cloud did not remove the details ${details.join(", ")}, which belong to the captured instance`,
    next: "have the operator of the cloud remove them, or build without key pairs",
  });
}
