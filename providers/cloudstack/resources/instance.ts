import { Problem } from "../../../common/problem.ts";
import type { Context, CreateContext, Existing, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { perform, waitForJob } from "../client/jobs.ts";
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
  released,
} from "./identity.ts";
import {
  faultsIn,
  filledText,
  hostName,
  missing,
  oneOf,
  positive,
  tagMap,
  textList,
  textMap,
} from "./inputs.ts";
import { destroyInstance, findInstance, settledInstance, waitingOf } from "./instance-api.ts";
import { removeTry, triesAt, tryAt } from "./instance-tries.ts";
import { attempt } from "./problems.ts";
import { resourceSchema, stringMap, tagsProperty, triggersProperty } from "./properties.ts";
import { changeTags, flat, type Tags, tagsOf, visibleTags } from "./tags.ts";

export interface InstanceInputs {
  name?: string;
  displayName?: string;
  zoneId: string;
  serviceOfferingId: string;
  templateId: string;
  networkIds: string[];
  keyPairs?: string[];
  userData?: string;
  /** GiB. */
  rootDiskSize?: number;
  details?: Record<string, string>;
  tags?: Record<string, string>;
  state?: PowerState;
  onDelete?: OnDelete;
  triggers?: Record<string, string>;
}

type PowerState = "Running" | "Stopped";
type OnDelete = "expunge" | "destroy" | "keep";

export interface InstanceState extends InstanceInputs {
  name: string;
  displayName: string;
  ipAddress: string;
  publicIpAddress?: string;
  macAddress: string;
  actualState: string;
  rootVolumeId: string;
  zoneName: string;
  serviceOfferingName: string;
  templateName: string;
  hypervisor: string;
  osTypeId: string;
  created: string;
  jobId: string;
}

type Creating = CreateContext<CloudStack, InstanceState>;

const replaces = true;

export const instance: ResourceHandler<InstanceInputs, InstanceState, CloudStack> = {
  token: "cloudstack:index:Instance",
  schema: resourceSchema({
    description:
      "A virtual machine (`deployVirtualMachine`). An instance that was asked for but never recorded, since the program was killed meanwhile, is found again and taken up.\n\nImported by its id.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Host name, unique in its network domain; by default made from the resource's name.",
      },
      displayName: {
        type: "string",
        description: "Name in CloudStack's user interface; by default the host name.",
      },
      zoneId: { type: "string", willReplaceOnChanges: replaces },
      serviceOfferingId: { type: "string", willReplaceOnChanges: replaces },
      templateId: { type: "string", willReplaceOnChanges: replaces },
      networkIds: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: replaces,
        description: "The first one is the default network.",
      },
      keyPairs: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: replaces,
        description: "Names of SSH key pairs whose public keys the guest is given.",
      },
      userData: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Plain text, at most 32 KiB in base64; the guest reads it from the metadata service.",
      },
      rootDiskSize: {
        type: "integer",
        willReplaceOnChanges: replaces,
        description: "GiB; by default the template's or the service offering's.",
      },
      details: {
        ...stringMap,
        willReplaceOnChanges: replaces,
        description: "Settings such as `rootDiskController`.",
      },
      tags: tagsProperty,
      state: {
        type: "string",
        description: "`Running` or `Stopped`. Left out, the power state is not managed.",
      },
      onDelete: {
        type: "string",
        description:
          "`expunge` (default) removes it for good, `destroy` leaves it recoverable until the cloud expunges it, `keep` leaves it as it is.",
      },
      triggers: triggersProperty,
    },
    required: ["zoneId", "serviceOfferingId", "templateId", "networkIds"],
    outputs: {
      ipAddress: { type: "string", description: "Address in the default network." },
      publicIpAddress: { type: "string", description: "By static NAT, where the network gives one." },
      macAddress: { type: "string", description: "Of the default NIC." },
      actualState: { type: "string", description: "CloudStack's state, such as `Running`." },
      rootVolumeId: { type: "string" },
      zoneName: { type: "string" },
      serviceOfferingName: { type: "string" },
      templateName: { type: "string" },
      hypervisor: { type: "string" },
      osTypeId: { type: "string" },
      created: { type: "string", description: "As CloudStack tells it, with its time zone." },
      jobId: { type: "string", description: "The job that deployed it." },
    },
    present: [
      "name",
      "displayName",
      "zoneId",
      "serviceOfferingId",
      "templateId",
      "networkIds",
      "ipAddress",
      "macAddress",
      "actualState",
      "rootVolumeId",
      "zoneName",
      "serviceOfferingName",
      "templateName",
      "hypervisor",
      "osTypeId",
      "created",
      "jobId",
    ],
  }),

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["zoneId", "serviceOfferingId", "templateId", "networkIds"]),
      ...faultsIn(
        { ...news },
        {
          name: hostName,
          displayName: filledText,
          zoneId: filledText,
          serviceOfferingId: filledText,
          templateId: filledText,
          networkIds: atLeastOne,
          keyPairs: textList,
          userData: shortEnough,
          rootDiskSize: positive,
          details: textMap,
          tags: tagMap,
          state: oneOf("Running", "Stopped"),
          onDelete: oneOf("expunge", "destroy", "keep"),
          triggers: textMap,
        },
      ),
    ],
  }),

  diff: (old, news, moves) => {
    const changes = moves.map((move) => ({ ...move, replace: replacing.has(move.property) }));
    const drifted = news.state !== undefined && old.state.actualState !== news.state;
    const known = changes.some(({ property }) => property === "state");
    return {
      changes: [
        ...changes,
        ...(drifted && !known
          ? [
              {
                path: ["actualState"],
                property: "actualState",
                kind: "update" as const,
                replace: false,
                drift: true,
              },
            ]
          : []),
      ],
      // Two instances of one network domain cannot have one name.
      deleteBeforeReplace: news.name !== undefined && news.name === old.state.name,
    };
  },

  stable: [
    "name",
    "ipAddress",
    "publicIpAddress",
    "macAddress",
    "rootVolumeId",
    "zoneName",
    "serviceOfferingName",
    "templateName",
    "hypervisor",
    "osTypeId",
    "created",
    "jobId",
  ],

  create: async (inputs, context) => {
    const identity = identityOf(context, deployed(inputs));
    const about = { what: "cannot deploy the instance", object: objectOf(context, inputs) };
    return attempt(context.client, about, async () => {
      const id = (await takeUp(inputs, identity, context)) ?? (await deploy(inputs, identity, context));
      const { now, later } = marksOf(identity, context.predecessor);
      // The name shows whose it is; where the program chose it, a tag must.
      const begun = inputs.name === undefined ? {} : { [begunTag]: mark(identity) };
      const state = await finish(id, inputs, {}, { ...begun, ...now }, context);
      return { id, state, onceRecorded: () => markInstance(id, later, context) };
    });
  },

  read: async (id, known, context) => {
    const about = { what: "cannot look at the instance", object: known.state?.name ?? id };
    return attempt(context.client, about, async () => {
      const found = await findInstance(context.client, id, context.signal);
      if (!found) return undefined;
      const inputs = inputsOf(found, known.inputs);
      return { state: await stateOf(found, inputs, known.state?.jobId, context), inputs };
    });
  },

  update: async (old, news, context) => {
    const about = { what: "cannot update the instance", object: `${old.state.name ?? ""} (${old.id})` };
    return attempt(context.client, about, async () => {
      const marks = { [keyTag]: mark(identityOf(context, deployed(news))) };
      return { state: await finish(old.id, news, old.state, marks, context) };
    });
  },

  delete: async (old, context) => {
    const about = { what: "cannot remove the instance", object: `${old.state.name ?? ""} (${old.id})` };
    await attempt(context.client, about, () => letGo(old, context));
  },
};

const replacing: ReadonlySet<string> = new Set(
  Object.entries(instance.schema.inputProperties ?? {})
    .filter(([, spec]) => spec.willReplaceOnChanges)
    .map(([name]) => name),
);

/** What an instance was asked for with; the rest can still be changed. */
function deployed(inputs: InstanceInputs): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => replacing.has(name)));
}

/** An instance that a past update asked for and never recorded: taken up when it is what is wanted, else removed. */
async function takeUp(
  inputs: InstanceInputs,
  identity: Identity,
  context: Creating,
): Promise<string | undefined> {
  const { client, log } = context;
  const stem = nameStem(context.urn, identity);
  const { unfinished, stranger } = await triesAt(inputs.name, identity, context);
  if (stranger) throw nameTaken(stranger);
  let taken: string | undefined;
  for (const row of unfinished) {
    const settled = await settledInstance(client, row.id, waitingOf(context, `${row.name} is ${row.state}`));
    if (!settled) continue;
    const fits = tryAt(row, stem, identity) === "same" && ["Running", "Stopped"].includes(settled.state);
    if (fits && taken === undefined) {
      log.info(`instance ${row.name} was deployed by an update that was cut off: it is taken up`);
      taken = row.id;
    } else {
      await removeTry(row, context);
    }
  }
  return taken;
}

async function deploy(inputs: InstanceInputs, identity: Identity, context: Creating): Promise<string> {
  const { client, signal } = context;
  const label = freshName(nameStem(context.urn, identity), identity);
  const name = inputs.name ?? label;
  const { id, jobId } = await client.submit(
    "deployVirtualMachine",
    deployParameters(inputs, name, label),
    signal,
  );
  if (id !== undefined) context.save(id, { ...inputs, name, jobId });
  const outcome = await waitForJob(
    client,
    "deployVirtualMachine",
    jobId,
    waitingOf(context, `deploying ${name}`),
  );
  if (outcome.kind === "failed") {
    // CloudStack leaves a failed deployment in state Error.
    if (id !== undefined)
      await destroyInstance(client, id, true, waitingOf(context, `removing the failed ${name}`));
    context.forget();
    throw outcome.fault;
  }
  const made = id ?? (outcome.kind === "succeeded" ? madeBy(outcome.result) : undefined);
  if (made === undefined) throw new Error(`deployVirtualMachine of ${name} gave no id`);
  context.save(made, { ...inputs, name, jobId });
  return made;
}

function deployParameters(inputs: InstanceInputs, name: string, label: string): Parameters {
  const { userData, keyPairs, rootDiskSize, details, displayName } = inputs;
  return {
    zoneid: inputs.zoneId,
    serviceofferingid: inputs.serviceOfferingId,
    templateid: inputs.templateId,
    networkids: inputs.networkIds.join(","),
    name,
    displayname: inputs.name === undefined ? (displayName ?? label) : label,
    ...(userData !== undefined && { userdata: Buffer.from(userData).toString("base64") }),
    ...(keyPairs && keyPairs.length > 0 && { keypairs: keyPairs.join(",") }),
    ...(rootDiskSize !== undefined && { rootdisksize: String(rootDiskSize) }),
    ...(details && flat("details", details)),
    ...(inputs.state === "Stopped" && { startvm: "false" }),
  };
}

/** Everything that comes after the deployment; done again it changes nothing. */
async function finish(
  id: string,
  inputs: InstanceInputs,
  old: Partial<InstanceState>,
  marks: Tags,
  context: Creating,
): Promise<InstanceState> {
  const { client } = context;
  const found = await settledInstance(client, id, waitingOf(context, "waiting for the instance to settle"));
  if (!found) throw gone(id, context);
  if (!["Running", "Stopped"].includes(found.state)) throw unusable(found, context);
  const wanted = { ...inputs.tags, ...marks };
  const managed = pick(tagsOf(found.tags), [...Object.keys(old.tags ?? {}), ...Object.keys(wanted)]);
  await changeTags(client, "UserVm", id, managed, wanted, waitingOf(context, "tagging"));
  await rename(found, inputs, context);
  await power(found, inputs.state, context);
  const settled = await settledInstance(client, id, waitingOf(context, "waiting for the instance to settle"));
  if (!settled) throw gone(id, context);
  return stateOf(settled, inputs, old.jobId, context);
}

function pick(map: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name)));
}

async function rename(
  found: answers.Instance,
  inputs: InstanceInputs,
  { client, signal }: Creating,
): Promise<void> {
  const displayname = inputs.displayName ?? found.name;
  if (found.displayname === displayname) return;
  await client.call("updateVirtualMachine", { id: found.id, displayname }, signal);
}

function markInstance(id: string, marks: Tags, context: Creating): Promise<void> {
  return changeTags(context.client, "UserVm", id, {}, marks, waitingOf(context, "tagging"));
}

async function power(
  found: answers.Instance,
  wanted: PowerState | undefined,
  context: Creating,
): Promise<void> {
  if (wanted === undefined || found.state === wanted) return;
  const command = wanted === "Running" ? "startVirtualMachine" : "stopVirtualMachine";
  await perform(
    context.client,
    command,
    { id: found.id },
    waitingOf(context, `${found.name} is to be ${wanted}`),
  );
}

async function stateOf(
  found: answers.Instance,
  inputs: InstanceInputs,
  jobId: string | undefined,
  context: Context<CloudStack>,
): Promise<InstanceState> {
  const volumes = await context.client.list(
    "listVolumes",
    answers.volume,
    { virtualmachineid: found.id, type: "ROOT" },
    context.signal,
  );
  const nic = found.nic.find(({ isdefault }) => isdefault) ?? found.nic[0];
  return {
    ...inputs,
    name: found.name,
    displayName: found.displayname ?? found.name,
    ipAddress: nic?.ipaddress ?? found.ipaddress ?? "",
    ...(found.publicip !== undefined && { publicIpAddress: found.publicip }),
    macAddress: nic?.macaddress ?? "",
    actualState: found.state,
    rootVolumeId: volumes[0]?.id ?? "",
    zoneName: found.zonename ?? "",
    serviceOfferingName: found.serviceofferingname ?? "",
    templateName: found.templatename ?? "",
    hypervisor: found.hypervisor ?? "",
    osTypeId: found.guestosid ?? found.ostypeid ?? "",
    created: found.created ?? "",
    jobId: jobId ?? "",
  };
}

/** What the object says of itself wherever the program can be compared with it. */
function inputsOf(found: answers.Instance, known: InstanceInputs | undefined): InstanceInputs {
  const tags = visibleTags(found.tags);
  if (known) return { ...known, ...((known.tags || Object.keys(tags).length > 0) && { tags }) };
  return {
    name: found.name,
    displayName: found.displayname ?? found.name,
    zoneId: found.zoneid ?? "",
    serviceOfferingId: found.serviceofferingid ?? "",
    templateId: found.templateid ?? "",
    networkIds: found.nic.flatMap(({ networkid }) => networkid ?? []),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}

async function letGo(
  old: Existing<InstanceInputs, InstanceState>,
  context: Context<CloudStack>,
): Promise<void> {
  const { client } = context;
  const name = old.state.name ?? old.id;
  const found = await settledInstance(client, old.id, waitingOf(context, `waiting for ${name} to settle`));
  if (!found) return;
  if (old.state.onDelete === "keep") {
    const present = pick(tagsOf(found.tags), [keyTag]);
    await changeTags(
      client,
      "UserVm",
      old.id,
      present,
      { [keyTag]: released },
      waitingOf(context, "tagging"),
    );
    return;
  }
  const expunged = await destroyInstance(
    client,
    old.id,
    old.state.onDelete !== "destroy",
    waitingOf(context, `removing ${name}`),
  );
  if (!expunged && old.state.onDelete !== "destroy") {
    context.log.warning(
      `${name} is destroyed; this key may not expunge it, the cloud does so after its delay`,
    );
  }
}

/** The id in a finished job's result, for servers that do not tell it beforehand. */
function madeBy(result: Record<string, unknown>): string | undefined {
  const parsed = answers.instance.safeParse(result.virtualmachine);
  return parsed.success ? parsed.data.id : undefined;
}

function objectOf(context: { urn: string }, inputs: InstanceInputs): string {
  return inputs.name ?? context.urn.split("::").at(-1) ?? "";
}

function nameTaken({ name, id }: answers.Instance): Problem {
  return new Problem({
    what: "cannot deploy the instance",
    object: name,
    because: "the account has an instance of this name that is not this program's",
    next: `give another name, or take it over: pulumi import cloudstack:index:Instance NAME ${id}`,
  });
}

function gone(id: string, { urn }: { urn: string }): Problem {
  return new Problem({
    what: "the instance is gone",
    object: id,
    because: "it was destroyed outside of this program",
    next: `pulumi refresh --target '${urn}', then pulumi up`,
  });
}

function unusable({ name, state }: answers.Instance, { urn }: { urn: string }): Problem {
  return new Problem({
    what: "the instance cannot be used",
    object: name,
    because: `it is in state ${state}`,
    next: `pulumi up --replace '${urn}'`,
  });
}

function atLeastOne(value: unknown): string | undefined {
  return textList(value) ?? ((value as unknown[]).length > 0 ? undefined : "must name at least one network");
}

const longestUserData = 32 * 1024;

function shortEnough(value: unknown): string | undefined {
  const length = Buffer.from(String(value)).toString("base64").length;
  return length <= longestUserData
    ? undefined
    : `is ${length} bytes in base64, CloudStack takes ${longestUserData}`;
}
