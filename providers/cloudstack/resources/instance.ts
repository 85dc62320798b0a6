import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../../common/problem.ts";
import type { Context, CreateContext, Existing, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
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
  recorded,
  released,
} from "./identity.ts";
import {
  address,
  faultsIn,
  filledText,
  flag,
  hostName,
  listItem,
  listOf,
  missing,
  oneOf,
  positive,
  tagMap,
  textList,
  textMap,
} from "./inputs.ts";
import {
  destroyInstance,
  findInstance,
  keyPairsOf,
  passwordIn,
  rootVolumeOf,
  settledInstance,
  waitingOf,
} from "./instance-api.ts";
import { changeInPlace, updateCosts } from "./instance-changes.ts";
import { removeTry, triesAt, tryAt } from "./instance-tries.ts";
import { asSeen, isSameSet, movesThatCount, tagInputs } from "./object.ts";
import { attempt, protectedObject } from "./problems.ts";
import { resourceSchema, stringMap, tagsProperty, triggersProperty } from "./properties.ts";
import { changeTags, flat, markRecorded, missingMarks, type Tags, tagsOf } from "./tags.ts";

export interface InstanceInputs {
  name?: string;
  displayName?: string;
  zoneId: string;
  serviceOfferingId: string;
  templateId: string;
  networkIds: string[];
  keyPairs?: string[];
  userData?: string;
  userDataId?: string;
  ipAddress?: string;
  affinityGroupIds?: string[];
  securityGroupIds?: string[];
  /** GiB. */
  rootDiskSize?: number;
  details?: Record<string, string>;
  deleteProtection?: boolean;
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
  /** GiB. */
  rootDiskSize: number;
  hypervisor: string;
  osTypeId: string;
  created: string;
  jobId: string;
  /** Of an instance whose template makes one for each. */
  password?: string;
}

/** What the cloud says of an instance. */
type Observed = Omit<InstanceState, keyof InstanceInputs> &
  Pick<InstanceState, "name" | "displayName" | "ipAddress" | "rootDiskSize">;

const powerDrift = {
  path: ["actualState"],
  property: "actualState",
  kind: "update" as const,
  replace: false,
  drift: true,
};

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
      serviceOfferingId: {
        type: "string",
        description:
          "Another one in place: a running instance is scaled where the cloud can, else stopped for it and started again.",
      },
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
        description:
          "Names of SSH key pairs whose public keys the guest is given. For others the instance is stopped and started; the guest must take them up. To have none any more replaces.",
      },
      userData: {
        type: "string",
        description:
          "Plain text, at most 32 KiB in base64; the guest reads it from the metadata service, most of it at its first boot only. For another one the instance is stopped and started.",
      },
      userDataId: {
        type: "string",
        description: "Id of a `UserData`, in place of `userData`. For another one it is stopped and started.",
      },
      ipAddress: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "In the default network; by default a free one.",
      },
      affinityGroupIds: {
        type: "array",
        items: { type: "string" },
        description: "Ids of `AffinityGroup`s. For others the instance is stopped and started.",
      },
      securityGroupIds: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: replaces,
        description: "Ids of `SecurityGroup`s, in zones that have them.",
      },
      rootDiskSize: {
        type: "integer",
        description:
          "GiB; by default the template's or the service offering's. It grows in place, for which the instance is stopped and started; a smaller one replaces.",
      },
      details: {
        ...stringMap,
        description:
          "Settings such as `rootDiskController`. For others the instance is stopped and started; details that the program does not name stay.",
      },
      deleteProtection: {
        type: "boolean",
        description: "CloudStack (4.20 and newer) and this provider refuse to remove it.",
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
      password: {
        type: "string",
        secret: true,
        description: "Made by CloudStack where the template is password enabled; it tells it once.",
      },
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
      "rootDiskSize",
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
      ...(news.userData !== undefined && news.userDataId !== undefined
        ? [{ property: "userDataId", reason: "is given beside userData: an instance has one of them" }]
        : []),
      ...faultsIn(
        { ...news },
        {
          name: hostName,
          displayName: filledText,
          zoneId: filledText,
          serviceOfferingId: filledText,
          templateId: filledText,
          networkIds: listOf(listItem, "must name at least one network"),
          keyPairs: textList,
          userData: shortEnough,
          userDataId: filledText,
          ipAddress: address,
          affinityGroupIds: textList,
          securityGroupIds: textList,
          rootDiskSize: positive,
          deleteProtection: flag,
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
    const changes = movesThatCount(old, news, moves, isSameHere)
      .filter(({ property }) => !isLeftToCloud(property, news))
      .map((move) => ({
        ...move,
        replace:
          replacing.has(move.property) ||
          shrinks(move.property, old, news) ||
          dropsUserData(move.property, news) ||
          dropsKeyPairs(move.property, news),
      }));
    const drifted = news.state !== undefined && old.state.actualState !== news.state;
    const known = changes.some(({ property }) => property === "state");
    const replaced = changes.some(({ replace }) => replace);
    return {
      changes: [...changes, ...(drifted && !known ? [powerDrift] : [])],
      // Two instances of one network domain cannot have one name.
      deleteBeforeReplace: news.name !== undefined && news.name === old.state.name,
      costs: replaced ? [] : updateCosts(old, news, changes),
    };
  },

  stable: [
    "name",
    "displayName",
    "ipAddress",
    "publicIpAddress",
    "macAddress",
    "rootVolumeId",
    "rootDiskSize",
    "zoneName",
    "templateName",
    "hypervisor",
    "osTypeId",
    "created",
    "jobId",
    "password",
  ],

  create: async (inputs, context) => {
    const identity = identityOf(context, deployed(inputs));
    const about = { what: "cannot deploy the instance", object: objectOf(context, inputs) };
    return attempt(context.client, about, async () => {
      const taken = await takeUp(inputs, identity, context);
      const { id, row, ...told } =
        taken === undefined ? await deploy(inputs, identity, context) : { id: taken };
      const { now, later } = marksOf(context.predecessor);
      // The name shows whose it is; where the program chose it, a tag must.
      const begun = inputs.name === undefined ? {} : { [begunTag]: mark(identity) };
      const state = await finish(id, inputs, told, { ...begun, ...now }, context, row);
      if (!later) return { id, state };
      const onceRecorded = () => markRecorded(context.client, "UserVm", id, waitingOf(context, "tagging"));
      return { id, state, onceRecorded };
    });
  },

  read: async (id, known, context) => {
    const about = { what: "cannot look at the instance", object: known.state?.name ?? id };
    return attempt(context.client, about, async () => {
      const found = await findInstance(context.client, id, context.signal);
      if (!found) return undefined;
      const state = await stateOf(found, known.inputs ?? {}, known.state ?? {}, context);
      const inputs = inputsOf(found, state, known.inputs);
      return { state: { ...state, ...inputs, ...asNow(state) }, inputs };
    });
  },

  update: async (old, news, context) => {
    const about = { what: "cannot update the instance", object: `${old.state.name ?? ""} (${old.id})` };
    return attempt(context.client, about, async () => {
      const marks = { [keyTag]: recorded };
      const deployment = await endOfDeployment(old, context);
      const password = (await changeInPlace(old, news, context)) ?? deployment.password;
      const known = { ...old.state, ...(password !== undefined && { password }) };
      return { state: await finish(old.id, news, known, marks, context) };
    });
  },

  delete: async (old, context) => {
    const about = { what: "cannot remove the instance", object: `${old.state.name ?? ""} (${old.id})` };
    if (old.state.deleteProtection === true && old.state.onDelete !== "keep")
      throw protectedObject(about, context.urn);
    await attempt(context.client, about, () => letGo(old, context));
  },
};

const replacing: ReadonlySet<string> = new Set(
  Object.entries(instance.schema.inputProperties ?? {})
    .filter(([, spec]) => spec.willReplaceOnChanges)
    .map(([name]) => name),
);

/** What an instance is deployed with; names, tags, power and what happens on delete can be set on any that is there. */
function deployed(inputs: InstanceInputs): Record<string, unknown> {
  const afterwards = ["displayName", "tags", "state", "onDelete", "deleteProtection"];
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !afterwards.includes(name)));
}

/** To say no more what the cloud may choose moves nothing. */
function isLeftToCloud(property: string, news: InstanceInputs): boolean {
  const chosen = [
    "name",
    "displayName",
    "ipAddress",
    "rootDiskSize",
    "keyPairs",
    "details",
    "securityGroupIds",
  ];
  return chosen.includes(property) && news[property as keyof InstanceInputs] === undefined;
}

/** CloudStack exchanges user data, and takes none away. */
function dropsUserData(property: string, { userData, userDataId }: InstanceInputs): boolean {
  return ["userData", "userDataId"].includes(property) && userData === undefined && userDataId === undefined;
}

/** Nor keys: they can only be exchanged for others. */
function dropsKeyPairs(property: string, { keyPairs }: InstanceInputs): boolean {
  return property === "keyPairs" && keyPairs?.length === 0;
}

function shrinks(
  property: string,
  old: Existing<InstanceInputs, InstanceState>,
  { rootDiskSize }: InstanceInputs,
): boolean {
  const size = old.state.rootDiskSize ?? old.inputs.rootDiskSize;
  return property === "rootDiskSize" && typeof rootDiskSize === "number" && rootDiskSize < size;
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

/** Seconds before a deployment is tried again that the cloud had no room for; it grows. */
const firstCapacityPause = 1;
const longestCapacityPause = 60;

/** A refusal for want of room leaves nothing behind, so that it can be asked for again. */
async function deploy(inputs: InstanceInputs, identity: Identity, context: Creating) {
  const limit = context.client.settings.capacityRetrySeconds ?? 0;
  const begun = performance.now();
  for (let pause = firstCapacityPause; ; pause = Math.min(longestCapacityPause, pause * 2)) {
    try {
      return await deployOnce(inputs, identity, context);
    } catch (error) {
      const left = limit - (performance.now() - begun) / 1000;
      if (!isFault(error, "capacity") || left <= 0) throw error;
      context.log.status(`the cloud has no room: asked again for ${Math.round(left)} s`);
      const seconds = Math.min(left, pause * (0.75 + Math.random() / 2));
      await delay(seconds * 1000, undefined, { signal: context.signal });
    }
  }
}

/** @returns the instance as the job tells it, where it does */
async function deployOnce(
  inputs: InstanceInputs,
  identity: Identity,
  context: Creating,
): Promise<{ id: string; jobId?: string; password?: string; row?: answers.Instance | undefined }> {
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
  const result = outcome.kind === "succeeded" ? outcome.result : {};
  const row = madeBy(result);
  const made = id ?? row?.id;
  if (made === undefined) throw new Error(`deployVirtualMachine of ${name} gave no id`);
  const password = passwordIn(result);
  const told = { jobId, ...(password !== undefined && { password }) };
  context.save(made, { ...inputs, name, ...told });
  return { id: made, ...told, row: row?.id === made ? row : undefined };
}

/** A deployment that was given up goes on in the cloud: how it ends is told by its job as long as there is one. */
async function endOfDeployment(
  { state }: Existing<InstanceInputs, InstanceState>,
  context: Creating,
): Promise<{ password?: string | undefined }> {
  const { jobId, actualState } = state as Partial<InstanceState>;
  if (actualState !== undefined || !jobId) return {};
  const waiting = waitingOf(context, `deploying ${state.name}`);
  const outcome = await waitForJob(context.client, "deployVirtualMachine", jobId, waiting);
  if (outcome.kind === "failed") throw unusable(state.name, outcome.fault.text, context);
  return outcome.kind === "succeeded" ? { password: passwordIn(outcome.result) } : {};
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
    ...(inputs.userDataId !== undefined && { userdataid: inputs.userDataId }),
    ...(inputs.ipAddress !== undefined && { ipaddress: inputs.ipAddress }),
    ...(inputs.affinityGroupIds && { affinitygroupids: inputs.affinityGroupIds.join(",") }),
    ...(inputs.securityGroupIds && { securitygroupids: inputs.securityGroupIds.join(",") }),
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
  told?: answers.Instance,
): Promise<InstanceState> {
  const { client } = context;
  const settle = () => settledInstance(client, id, waitingOf(context, "waiting for the instance to settle"));
  const found = told && ["Running", "Stopped"].includes(told.state) ? told : await settle();
  if (!found) throw gone(id, context);
  if (!["Running", "Stopped"].includes(found.state)) {
    throw unusable(found.name, `it is in state ${found.state}`, context);
  }
  const wanted = { ...inputs.tags, ...missingMarks(marks, tagsOf(found.tags)) };
  const managed = pick(tagsOf(found.tags), [...Object.keys(old.tags ?? {}), ...Object.keys(wanted)]);
  await changeTags(client, "UserVm", id, managed, wanted, waitingOf(context, "tagging"));
  const renamed = await rename(found, inputs, old, context);
  const powered = await power(found, inputs.state, context);
  const settled = renamed || powered ? await settle() : found;
  if (!settled) throw gone(id, context);
  return stateOf(settled, inputs, old, context);
}

function pick(map: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name)));
}

async function rename(
  found: answers.Instance,
  inputs: InstanceInputs,
  old: Partial<InstanceState>,
  { client, signal }: Creating,
): Promise<boolean> {
  // The label of its creation makes way; a name that somebody chose stays where the program says none.
  const displayname = inputs.displayName ?? (old.displayName === undefined ? found.name : found.displayname);
  const deleteProtection = inputs.deleteProtection ?? (old.deleteProtection === true ? false : undefined);
  const isProtected = found.deleteprotection ?? old.deleteProtection ?? false;
  const protects = deleteProtection !== undefined && deleteProtection !== isProtected;
  const moved = {
    ...(displayname !== undefined && found.displayname !== displayname && { displayname }),
    ...(protects && { deleteprotection: String(deleteProtection) }),
  };
  if (Object.keys(moved).length === 0) return false;
  await client.call("updateVirtualMachine", { id: found.id, ...moved }, signal);
  return true;
}

async function power(
  found: answers.Instance,
  wanted: PowerState | undefined,
  context: Creating,
): Promise<boolean> {
  if (wanted === undefined || found.state === wanted) return false;
  const command = wanted === "Running" ? "startVirtualMachine" : "stopVirtualMachine";
  await perform(
    context.client,
    command,
    { id: found.id },
    waitingOf(context, `${found.name} is to be ${wanted}`),
  );
  return true;
}

async function stateOf<Inputs extends Partial<InstanceInputs>>(
  found: answers.Instance,
  inputs: Inputs,
  { jobId, password }: Partial<InstanceState>,
  context: Context<CloudStack>,
): Promise<Inputs & Observed> {
  const volume = await rootVolumeOf(context.client, found.id);
  const nic = found.nic.find(({ isdefault }) => isdefault) ?? found.nic[0];
  return {
    ...inputs,
    name: found.name,
    displayName: found.displayname ?? found.name,
    ipAddress: nic?.ipaddress ?? found.ipaddress ?? "",
    ...(found.publicip !== undefined && { publicIpAddress: found.publicip }),
    macAddress: nic?.macaddress ?? "",
    actualState: found.state,
    rootVolumeId: volume.id,
    zoneName: found.zonename ?? "",
    serviceOfferingName: found.serviceofferingname ?? "",
    templateName: found.templatename ?? "",
    rootDiskSize: volume.size,
    hypervisor: found.hypervisor ?? "",
    osTypeId: found.guestosid ?? found.ostypeid ?? "",
    created: found.created ?? "",
    jobId: jobId ?? "",
    ...(password !== undefined && { password }),
  };
}

/** What the object says of itself wherever the program can be compared with it. */
function inputsOf(
  found: answers.Instance,
  { rootDiskSize, ipAddress }: Observed,
  known: InstanceInputs | undefined,
): InstanceInputs {
  const { userdataid, deleteprotection } = found;
  const nics = found.nic.toSorted((a, b) => Number(b.isdefault ?? false) - Number(a.isdefault ?? false));
  const seen: InstanceInputs = {
    name: found.name,
    displayName: found.displayname ?? found.name,
    zoneId: found.zoneid ?? "",
    serviceOfferingId: found.serviceofferingid ?? "",
    templateId: found.templateid ?? "",
    networkIds: nics.flatMap(({ networkid }) => networkid ?? []),
    ...(ipAddress !== "" && { ipAddress }),
    ...listed("keyPairs", keyPairsOf(found), known),
    ...(userdataid !== undefined && { userDataId: userdataid }),
    ...listed("affinityGroupIds", idsOf(found.affinitygroup), known),
    ...listed("securityGroupIds", idsOf(found.securitygroup), known),
    ...shownDetails(found, known),
    ...(rootDiskSize > 0 && { rootDiskSize }),
    ...(deleteprotection === true && { deleteProtection: true }),
    // Older servers do not know of it.
    ...(known?.deleteProtection !== undefined &&
      deleteprotection !== undefined && { deleteProtection: deleteprotection }),
    ...tagInputs(found),
  };
  return asSeen(seen, known, isSameHere);
}

/** The first network is the default one; the order of the others means nothing. */
function isSameHere(property: string, a: unknown, b: unknown): boolean {
  if (property !== "networkIds") return isSameSet(property, a, b);
  return (a as string[])[0] === (b as string[])[0] && isSameSet(property, a, b);
}

/** Those of the program; a server that shows none at all says nothing of them. */
function shownDetails({ details }: answers.Instance, known: InstanceInputs | undefined) {
  if (!known?.details || Object.keys(details).length === 0) return {};
  return { details: pick(details, Object.keys(known.details)) };
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

/** A list of nothing is told only where the program has one. */
function listed(
  name: "keyPairs" | "affinityGroupIds" | "securityGroupIds",
  items: string[],
  known: InstanceInputs | undefined,
): Partial<InstanceInputs> {
  return items.length > 0 || known?.[name] !== undefined ? { [name]: items } : {};
}

/** Outputs that have an input's name are told as they are, whatever the program says. */
function asNow({ name, displayName, ipAddress, rootDiskSize }: Observed) {
  return { name, displayName, ipAddress, rootDiskSize };
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

/** What a finished job tells; servers that do not tell the id beforehand tell it here. */
function madeBy(result: Record<string, unknown>): answers.Instance | undefined {
  const parsed = answers.instance.safeParse(result.virtualmachine);
  return parsed.success ? parsed.data : undefined;
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

function unusable(name: string, because: string, { urn }: { urn: string }): Problem {
  return new Problem({
    what: "the instance cannot be used",
    object: name,
    because,
    next: `pulumi up --replace '${urn}'`,
  });
}

const longestUserData = 32 * 1024;

function shortEnough(value: unknown): string | undefined {
  const length = Buffer.from(String(value)).toString("base64").length;
  return length <= longestUserData
    ? undefined
    : `is ${length} bytes in base64, CloudStack takes ${longestUserData}`;
}
