/** Changes of an instance that is there. Most need it stopped; whatever happens, it is started again afterwards. */
import { Problem } from "../../../common/problem.ts";
import type { Change, Context, Existing } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { perform, type Waiting, waitForJob } from "../client/jobs.ts";
import type { InstanceInputs, InstanceState } from "./instance.ts";
import {
  findInstance,
  keyPairsOf,
  passwordIn,
  rootVolumeOf,
  settledInstance,
  waitingOf,
} from "./instance-api.ts";
import { isSameSet } from "./object.ts";
import { flat, type Tags } from "./tags.ts";

type Old = Existing<InstanceInputs, InstanceState>;
type Calling = Context<CloudStack>;

interface InPlaceChange {
  /** The inputs whose move asks for it. */
  inputs: readonly (keyof InstanceInputs)[];
  /** What it costs, for the person who reads the preview. */
  cost: string;
  /** Whether the instance is as wanted already: an update that was cut off may have been here. */
  isDone(instance: answers.Instance, news: InstanceInputs, old: Old, context: Calling): Promise<boolean>;
  /** @returns a password that the instance has from now on */
  apply(
    instance: answers.Instance,
    news: InstanceInputs,
    old: Old,
    context: Calling,
  ): Promise<string | undefined>;
  /** Tries it on the running instance. @returns whether that was enough */
  applyRunning?(instance: answers.Instance, news: InstanceInputs, context: Calling): Promise<boolean>;
}

const serviceOffering: InPlaceChange = {
  inputs: ["serviceOfferingId"],
  cost: "its service offering changes",
  isDone: async ({ serviceofferingid }, { serviceOfferingId }) => serviceofferingid === serviceOfferingId,
  async apply(instance, news, _, context) {
    await scale(instance.id, news, context);
    return undefined;
  },
  async applyRunning(instance, news, context) {
    if (instance.isdynamicallyscalable !== true) return false;
    try {
      await scale(instance.id, news, context);
      return true;
    } catch (error) {
      // Downwards, or on a host without room, no cloud can do it while the instance runs.
      if (!isFault(error)) throw error;
      context.log.info(`${instance.name} cannot be scaled while it runs: ${error.text}`);
      return false;
    }
  },
};

const keyPairs: InPlaceChange = {
  inputs: ["keyPairs"],
  cost: "it is given other SSH keys",
  isDone: async (instance, { keyPairs: names = [] }) =>
    names.length === 0 || isSameSet("keyPairs", keyPairsOf(instance), names),
  async apply({ id, name }, { keyPairs: names = [] }, _, context) {
    const result = await perform(
      context.client,
      "resetSSHKeyForVirtualMachine",
      { id, keypairs: names.join(",") },
      waitingOf(context, `giving ${name} its keys`),
    );
    return passwordIn(result);
  },
};

const userData: InPlaceChange = {
  inputs: ["userData", "userDataId"],
  cost: "it is given other user data, which its guest reads when it boots",
  async isDone({ id, userdataid }, { userData: text = "", userDataId }, _, { client, signal }) {
    if (userDataId !== undefined) return userdataid === userDataId;
    const parameters = { id, userdata: "true" };
    const [row] = await client.list("listVirtualMachines", answers.instance, parameters, signal);
    return row?.userdata !== undefined && Buffer.from(row.userdata, "base64").toString() === text;
  },
  async apply({ id }, { userData: text, userDataId }, _, { client, signal }) {
    await client.call(
      "updateVirtualMachine",
      {
        id,
        ...(userDataId === undefined
          ? { userdata: Buffer.from(text ?? "").toString("base64") }
          : { userdataid: userDataId }),
      },
      signal,
    );
    return undefined;
  },
};

const details: InPlaceChange = {
  inputs: ["details"],
  cost: "its details change",
  async isDone({ details: there }, { details: wanted = {} }, { inputs }) {
    const dropped = Object.keys(inputs.details ?? {}).filter((name) => !(name in wanted));
    return (
      Object.entries(wanted).every(([name, value]) => there[name] === value) &&
      dropped.every((name) => !(name in there))
    );
  },
  // The call replaces all of them: those that the program never named stay, as the instance's keys do.
  async apply({ id }, { details: wanted = {} }, { inputs }, context) {
    const found = await findInstance(context.client, id, context.signal);
    const there = found?.details ?? {};
    const own = new Set(Object.keys(inputs.details ?? {}));
    const kept = Object.fromEntries(Object.entries(there).filter(([name]) => !own.has(name)));
    const all = { ...kept, ...wanted };
    try {
      await setDetails(id, all, context);
    } catch (error) {
      // Those that a user may only read must not be sent by one, not even as they are; the server keeps them.
      const readOnly = (found?.readonlydetails ?? []).filter((name) => all[name] === there[name]);
      const mayBeSaid = Object.entries(all).filter(([name]) => !readOnly.includes(name));
      if (!isFault(error, "invalid") || mayBeSaid.length === Object.keys(all).length) throw error;
      await setDetails(id, Object.fromEntries(mayBeSaid), context);
    }
    return undefined;
  },
};

/** No details at all is nothing that the call would see. */
async function setDetails(id: string, all: Tags, { client, signal }: Calling): Promise<void> {
  const parameters = Object.keys(all).length > 0 ? flat("details", all) : { cleanupdetails: "true" };
  await client.call("updateVirtualMachine", { id, ...parameters }, signal);
}

const affinityGroups: InPlaceChange = {
  inputs: ["affinityGroupIds"],
  cost: "it changes its affinity groups",
  isDone: async ({ affinitygroup }, { affinityGroupIds = [] }) =>
    isSameSet(
      "affinityGroupIds",
      affinitygroup.map(({ id }) => id),
      affinityGroupIds,
    ),
  async apply({ id, name }, { affinityGroupIds = [] }, _, context) {
    const parameters = { id, affinitygroupids: affinityGroupIds.join(",") };
    await perform(context.client, "updateVMAffinityGroup", parameters, waitingOf(context, `moving ${name}`));
    return undefined;
  },
};

const rootDisk: InPlaceChange = {
  inputs: ["rootDiskSize"],
  cost: "its root disk grows",
  async isDone({ id }, { rootDiskSize = 0 }, _, { client }) {
    return (await rootVolumeOf(client, id)).size >= rootDiskSize;
  },
  async apply({ id, name }, { rootDiskSize }, _, context) {
    const volume = await rootVolumeOf(context.client, id);
    await perform(
      context.client,
      "resizeVolume",
      { id: volume.id, size: String(rootDiskSize) },
      waitingOf(context, `growing the root disk of ${name}`),
    );
    return undefined;
  },
};

const all: readonly InPlaceChange[] = [
  serviceOffering,
  keyPairs,
  userData,
  details,
  affinityGroups,
  rootDisk,
];

/** One sentence for each change that stops the instance. */
export function updateCosts({ state }: Old, news: InstanceInputs, moves: readonly Change[]): string[] {
  const moved = new Set(moves.map(({ property }) => property));
  const costs = all.filter(({ inputs }) => inputs.some((name) => moved.has(name))).map(({ cost }) => cost);
  if (costs.length === 0) return [];
  const name = state.name ?? "the instance";
  return [`${name} ${powerCost(state.actualState === "Running", news.state)}: ${costs.join("; ")}`];
}

function powerCost(runs: boolean, wanted: InstanceInputs["state"]): string {
  if (runs) return wanted === "Stopped" ? "is stopped" : "is stopped and started again";
  return wanted === "Running" ? "is started afterwards" : "stays stopped";
}

/**
 * Everything that moved and cannot be changed while the instance runs.
 * @returns the password that it has from now on, where it got one
 */
export async function changeInPlace(
  old: Old,
  news: InstanceInputs,
  context: Calling,
): Promise<string | undefined> {
  const moved = all.filter(({ inputs }) =>
    inputs.some((name) => JSON.stringify(old.inputs[name]) !== JSON.stringify(news[name])),
  );
  if (moved.length === 0) return undefined;
  const waiting = waitingOf(context, "waiting for the instance to settle");
  const found = await settledInstance(context.client, old.id, waiting);
  if (!found) return undefined;
  const left = await notDone(moved, found, old, news, context);
  let password: string | undefined;
  const applyAll = async (changes: readonly InPlaceChange[]) => {
    for (const change of changes) password = (await change.apply(found, news, old, context)) ?? password;
  };
  if (found.state !== "Stopped") {
    const rest = await afterLiveChanges(left, found, news, context);
    if (rest.length > 0) await whileStopped(found, () => applyAll(rest), news, context);
  } else if (old.state.actualState === "Running") {
    // Nobody said that it should stop: an update that was cut off has not started it again.
    await startingAgain(found.id, () => applyAll(left), news, context);
  } else {
    await applyAll(left);
  }
  if (left.length > 0) await refuseWithoutEffect(left, old, news, context);
  return password;
}

async function notDone(
  changes: readonly InPlaceChange[],
  found: answers.Instance,
  old: Old,
  news: InstanceInputs,
  context: Calling,
): Promise<InPlaceChange[]> {
  const done = await Promise.all(changes.map((change) => change.isDone(found, news, old, context)));
  return changes.filter((_, index) => !done[index]);
}

async function afterLiveChanges(
  changes: readonly InPlaceChange[],
  found: answers.Instance,
  news: InstanceInputs,
  context: Calling,
): Promise<InPlaceChange[]> {
  const [only, ...others] = changes;
  const live = only && others.length === 0 && (await only.applyRunning?.(found, news, context));
  return live ? [] : [...changes];
}

async function whileStopped(
  { id, name }: answers.Instance,
  work: () => Promise<void>,
  news: InstanceInputs,
  context: Calling,
): Promise<void> {
  const { client, signal } = context;
  const { jobId } = await client.submit("stopVirtualMachine", { id }, signal);
  await startingAgain(
    id,
    async () => {
      let stopped = false;
      try {
        const waiting = waitingOf(context, `stopping ${name}`);
        const outcome = await waitForJob(client, "stopVirtualMachine", jobId, waiting);
        if (outcome.kind === "failed") throw outcome.fault;
        stopped = true;
        await work();
      } finally {
        // What was given up goes on in the cloud.
        if (!stopped) await waitForJob(client, "stopVirtualMachine", jobId, unhurried(context));
      }
    },
    news,
    context,
  );
}

/** Also after a failure or a cancellation: nobody else would start it. */
async function startingAgain(
  id: string,
  work: () => Promise<void>,
  news: InstanceInputs,
  context: Calling,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    await startAgain(id, news, context).catch((fault: unknown) =>
      context.log.error(`the instance could not be started again: ${String(fault)}`),
    );
    throw error;
  }
  await startAgain(id, news, context);
}

async function startAgain(id: string, news: InstanceInputs, context: Calling): Promise<void> {
  if (news.state === "Stopped") return;
  const found = await settledInstance(context.client, id, unhurried(context));
  if (found?.state === "Stopped")
    await perform(context.client, "startVirtualMachine", { id }, unhurried(context));
}

/** By no deadline but the provider's own, and not to be cancelled. */
function unhurried(context: Calling): Waiting {
  const { signal } = new AbortController();
  const limitSeconds = context.client.settings.jobTimeoutSeconds;
  return { ...waitingOf(context, "starting the instance again"), signal, limitSeconds };
}

/** A job's end is a claim, and some servers pass over parameters that they do not know. */
async function refuseWithoutEffect(
  changes: readonly InPlaceChange[],
  old: Old,
  news: InstanceInputs,
  context: Calling,
): Promise<void> {
  const found = await findInstance(context.client, old.id, context.signal);
  if (!found) return;
  const left = await notDone(changes, found, old, news, context);
  if (left.length === 0) return;
  throw new Problem({
    what: "the instance did not change",
    object: found.name,
    because: `the cloud says that it is done, and shows it as before: ${left.map(({ cost }) => cost).join("; ")}`,
    next: "pulumi up; if it stays so, this cloud cannot change it in place",
  });
}

const sizeDetails: ReadonlySet<string> = new Set(["cpuNumber", "cpuSpeed", "memory"]);

/** An offering of custom size must be told the size. */
async function scale(
  id: string,
  { serviceOfferingId, details: all = {} }: InstanceInputs,
  context: Calling,
): Promise<void> {
  const sizes = Object.fromEntries(Object.entries(all).filter(([name]) => sizeDetails.has(name)));
  await perform(
    context.client,
    "scaleVirtualMachine",
    { id, serviceofferingid: serviceOfferingId, ...flat("details", sizes) },
    waitingOf(context, "changing the service offering"),
  );
}
