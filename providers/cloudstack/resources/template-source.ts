/** What a template is captured from, and whether it holds still meanwhile. */
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { perform } from "../client/jobs.ts";
import type { Parameters } from "../client/signature.ts";
import { findInstance, settledInstance, waitingOf } from "./instance-api.ts";
import { cannotCapture } from "./template-api.ts";

export interface Source extends Watch {
  parameters: Parameters;
  volumeId: string | undefined;
  /** Where the template comes to be. */
  zoneId: string | undefined;
}

export interface Watch {
  /** Looks whether the instance is still stopped: nothing in CloudStack keeps it so while its disk is copied. */
  look(): Promise<void>;
  /** Why what was copied cannot be trusted. */
  disturbed: string | undefined;
}

/** What a template is to be made of: one of them. */
export interface SourceIds {
  instanceId?: string;
  volumeId?: string;
  snapshotId?: string;
}

const still: Watch = { look: async () => undefined, disturbed: undefined };

export async function sourceOf(
  { instanceId, volumeId, snapshotId }: SourceIds,
  context: Context<CloudStack>,
): Promise<Source> {
  if (snapshotId !== undefined)
    return { parameters: { snapshotid: snapshotId }, volumeId: undefined, zoneId: undefined, ...still };
  if (instanceId !== undefined) return instanceSource(instanceId, undefined, context);
  const volume = await volumeNamed(volumeId ?? "", context);
  if (volume.virtualmachineid !== undefined) return instanceSource(volume.virtualmachineid, volume, context);
  return { parameters: { volumeid: volume.id }, volumeId: volume.id, zoneId: volume.zoneid, ...still };
}

/** Of a capture that is under way: nothing is stopped for it any more. */
export async function watchAgain(
  { instanceId, volumeId, snapshotId }: SourceIds,
  context: Context<CloudStack>,
): Promise<Watch> {
  if (snapshotId !== undefined) return still;
  const id = instanceId ?? (volumeId && (await volumeNamed(volumeId, context)).virtualmachineid);
  return id === undefined ? still : watchOf(id, undefined, context);
}

/** @param name by default the one that the cloud tells */
function watchOf(id: string, name: string | undefined, context: Context<CloudStack>): Watch {
  const watch: Watch = {
    disturbed: undefined,
    async look() {
      const found = await findInstance(context.client, id, context.signal);
      if (found && found.state !== "Stopped") {
        watch.disturbed ??= `${name ?? found.name} was started while its disk was copied (it is ${found.state}): the copy may be torn`;
      }
    },
  };
  return watch;
}

async function instanceSource(
  id: string,
  wanted: answers.Volume | undefined,
  context: Context<CloudStack>,
): Promise<Source> {
  const instance = await stoppedInstance(id, context);
  const volume = wanted ?? (await rootVolume(instance, context));
  const watch = watchOf(id, instance.name, context);
  return Object.assign(watch, {
    parameters: { volumeid: volume.id },
    volumeId: volume.id,
    zoneId: volume.zoneid,
  });
}

async function stoppedInstance(id: string, context: Context<CloudStack>): Promise<answers.Instance> {
  const { client } = context;
  const found = await settledInstance(client, id, waitingOf(context, "waiting for the instance to settle"));
  if (!found) throw cannotCapture(id, "there is no such instance");
  if (found.state !== "Stopped") {
    context.log.status(`stopping ${found.name}`);
    await perform(client, "stopVirtualMachine", { id }, waitingOf(context, `stopping ${found.name}`));
    const stopped = await settledInstance(client, id, waitingOf(context, `stopping ${found.name}`));
    if (stopped?.state !== "Stopped") {
      throw cannotCapture(found.name, `it is ${stopped?.state ?? "gone"} after it was stopped`);
    }
  }
  // Some versions refuse or spoil a capture with an ISO in the drive.
  if (found.isoid !== undefined) {
    await perform(client, "detachIso", { virtualmachineid: id }, waitingOf(context, "detaching the ISO"));
  }
  return found;
}

async function rootVolume(
  { id, name }: answers.Instance,
  { client, signal }: Context<CloudStack>,
): Promise<answers.Volume> {
  const parameters = { virtualmachineid: id, type: "ROOT" };
  const [volume, ...others] = await client.list("listVolumes", answers.volume, parameters, signal);
  if (!volume) throw cannotCapture(name, "it has no root volume");
  if (others.length > 0) throw cannotCapture(name, "it has more than one root volume: give the volumeId");
  return volume;
}

async function volumeNamed(id: string, { client, signal }: Context<CloudStack>): Promise<answers.Volume> {
  const [volume] = await client.list("listVolumes", answers.volume, { id }, signal);
  if (!volume) throw cannotCapture(id, "there is no such volume");
  return volume;
}
