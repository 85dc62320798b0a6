/** Changes of an instance that is there. Most need it stopped; whatever happens, it is started again afterwards. */
import type { Change, Context, Existing } from "../../rpc/index.ts";
import type * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { perform } from "../client/jobs.ts";
import type { InstanceInputs, InstanceState } from "./instance.ts";
import { findInstance, settledInstance, waitingOf } from "./instance-api.ts";
import { flat } from "./tags.ts";

type Old = Existing<InstanceInputs, InstanceState>;
type Calling = Context<CloudStack>;

interface InPlaceChange {
  /** The inputs whose move asks for it. */
  inputs: readonly (keyof InstanceInputs)[];
  /** What it costs, for the person who reads the preview. */
  cost: string;
  apply(instance: answers.Instance, news: InstanceInputs, old: Old, context: Calling): Promise<void>;
  /** Tries it on the running instance. @returns whether that was enough */
  applyRunning?(instance: answers.Instance, news: InstanceInputs, context: Calling): Promise<boolean>;
}

const serviceOffering: InPlaceChange = {
  inputs: ["serviceOfferingId"],
  cost: "its service offering changes",
  apply: (instance, { serviceOfferingId }, _, context) => scale(instance.id, serviceOfferingId, context),
  async applyRunning(instance, { serviceOfferingId }, context) {
    if (instance.isdynamicallyscalable !== true) return false;
    try {
      await scale(instance.id, serviceOfferingId, context);
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
  async apply({ id, name }, { keyPairs: names = [] }, _, context) {
    if (names.length === 0) return;
    const result = await perform(
      context.client,
      "resetSSHKeyForVirtualMachine",
      { id, keypairs: names.join(",") },
      waitingOf(context, `giving ${name} its keys`),
    );
    const changed = result?.virtualmachine as { password?: unknown } | undefined;
    if (changed?.password !== undefined) {
      context.log.warning(
        `${name} got a new password with its new keys, since its template is password enabled: ask the cloud for it`,
      );
    }
  },
};

const userData: InPlaceChange = {
  inputs: ["userData", "userDataId"],
  cost: "it is given other user data, which its guest reads when it boots",
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
  },
};

const details: InPlaceChange = {
  inputs: ["details"],
  cost: "its details change",
  // The call replaces all of them: those that the program never named stay, as the instance's keys do.
  async apply({ id }, { details: wanted = {} }, { inputs }, { client, signal }) {
    const there = (await findInstance(client, id, signal))?.details ?? {};
    const own = new Set(Object.keys(inputs.details ?? {}));
    const kept = Object.fromEntries(Object.entries(there).filter(([name]) => !own.has(name)));
    await client.call("updateVirtualMachine", { id, ...flat("details", { ...kept, ...wanted }) }, signal);
  },
};

const affinityGroups: InPlaceChange = {
  inputs: ["affinityGroupIds"],
  cost: "it changes its affinity groups",
  async apply({ id, name }, { affinityGroupIds = [] }, _, context) {
    const parameters = { id, affinitygroupids: affinityGroupIds.join(",") };
    await perform(context.client, "updateVMAffinityGroup", parameters, waitingOf(context, `moving ${name}`));
  },
};

const rootDisk: InPlaceChange = {
  inputs: ["rootDiskSize"],
  cost: "its root disk grows",
  async apply({ name }, { rootDiskSize }, { state }, context) {
    if (rootDiskSize === undefined || rootDiskSize <= state.rootDiskSize) return;
    await perform(
      context.client,
      "resizeVolume",
      { id: state.rootVolumeId, size: String(rootDiskSize) },
      waitingOf(context, `growing the root disk of ${name}`),
    );
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
export function updateCosts({ state }: Old, moves: readonly Change[]): string[] {
  const moved = new Set(moves.map(({ property }) => property));
  const costs = all.filter(({ inputs }) => inputs.some((name) => moved.has(name))).map(({ cost }) => cost);
  if (costs.length === 0) return [];
  const name = state.name ?? "the instance";
  return [
    state.actualState === "Running"
      ? `${name} is stopped and started again: ${costs.join("; ")}`
      : `${name} stays stopped: ${costs.join("; ")}`,
  ];
}

/** Everything that moved and cannot be changed while the instance runs. */
export async function changeInPlace(old: Old, news: InstanceInputs, context: Calling): Promise<void> {
  const moved = all.filter(({ inputs }) =>
    inputs.some((name) => JSON.stringify(old.inputs[name]) !== JSON.stringify(news[name])),
  );
  if (moved.length === 0) return;
  const { client } = context;
  const found = await settledInstance(
    client,
    old.id,
    waitingOf(context, "waiting for the instance to settle"),
  );
  if (!found) return;
  if (found.state === "Stopped") return applyAll(moved, found, old, news, context);
  const left = await afterLiveChanges(moved, found, news, context);
  if (left.length === 0) return;
  await perform(client, "stopVirtualMachine", { id: old.id }, waitingOf(context, `stopping ${found.name}`));
  try {
    await applyAll(left, found, old, news, context);
  } finally {
    await startAgain(old.id, news, context);
  }
}

async function afterLiveChanges(
  moved: readonly InPlaceChange[],
  found: answers.Instance,
  news: InstanceInputs,
  context: Calling,
): Promise<InPlaceChange[]> {
  const left: InPlaceChange[] = [];
  for (const change of moved) {
    const alone = moved.length === 1;
    if (!alone || !(await change.applyRunning?.(found, news, context))) left.push(change);
  }
  return left;
}

async function applyAll(
  changes: readonly InPlaceChange[],
  instance: answers.Instance,
  old: Old,
  news: InstanceInputs,
  context: Calling,
): Promise<void> {
  for (const change of changes) await change.apply(instance, news, old, context);
}

/** Also after a failure or a cancellation: nobody else would start it. */
async function startAgain(id: string, news: InstanceInputs, context: Calling): Promise<void> {
  if (news.state === "Stopped") return;
  const { signal } = new AbortController();
  const found = await findInstance(context.client, id, signal);
  if (found?.state !== "Stopped") return;
  const limitSeconds = context.client.settings.jobTimeoutSeconds;
  const waiting = { ...waitingOf(context, `starting ${found.name}`), signal, limitSeconds };
  await perform(context.client, "startVirtualMachine", { id }, waiting);
}

async function scale(id: string, serviceOfferingId: string, context: Calling): Promise<void> {
  await perform(
    context.client,
    "scaleVirtualMachine",
    { id, serviceofferingid: serviceOfferingId },
    waitingOf(context, "changing the service offering"),
  );
}
