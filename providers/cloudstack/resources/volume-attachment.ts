import { Problem } from "../../../common/problem.ts";
import type { CreateContext, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findRow, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { perform } from "../client/jobs.ts";
import { identityOf } from "./identity.ts";
import { faultsIn, filledText, missing, positive } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { movesThatCount } from "./object.ts";
import { endOfJob, performOnce } from "./once.ts";
import { attempt } from "./problems.ts";
import { jobIdOutput, resourceSchema } from "./properties.ts";

export interface VolumeAttachmentInputs {
  volumeId: string;
  instanceId: string;
  deviceId?: number;
}

export interface VolumeAttachmentState extends VolumeAttachmentInputs {
  deviceId: number;
  jobId?: string;
}

type Client = CloudStack;
type Creating = CreateContext<Client, VolumeAttachmentState>;

const listing: Listing<answers.Volume> = {
  command: "listVolumes",
  row: answers.volume,
  idsParameter: "ids",
};

export const volumeAttachment: ResourceHandler<VolumeAttachmentInputs, VolumeAttachmentState, Client> = {
  token: "cloudstack:index:VolumeAttachment",
  schema: resourceSchema({
    description: "Gives a volume to an instance (`attachVolume`).\n\nImported by the volume's id.",
    inputs: {
      volumeId: { type: "string", willReplaceOnChanges: true },
      instanceId: { type: "string", willReplaceOnChanges: true },
      deviceId: {
        type: "integer",
        willReplaceOnChanges: true,
        description: "The volume's place in the instance; by default the first free one.",
      },
    },
    required: ["volumeId", "instanceId"],
    outputs: { jobId: jobIdOutput },
    present: ["volumeId", "instanceId", "deviceId"],
  }),

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["volumeId", "instanceId"]),
      ...faultsIn({ ...news }, { volumeId: filledText, instanceId: filledText, deviceId: positive }),
    ],
  }),

  // A volume is one instance's at a time.
  diff: (old, news, moves) => ({
    changes: movesThatCount(old, news, moves)
      .filter(({ property }) => property !== "deviceId" || news.deviceId !== undefined)
      .map((move) => ({ ...move, replace: true })),
    deleteBeforeReplace: news.volumeId === old.inputs.volumeId,
  }),

  create: async (inputs, context) => ({ id: inputs.volumeId, state: await attached(inputs, context) }),

  /** Only to go on with what was cut off: all of the inputs replace. */
  update: ({ state }, news, context) => {
    const about = { what: "cannot attach the volume", object: news.volumeId };
    return attempt(context.client, about, async () => {
      await endOfJob(state, context, waitingOf(context, "attaching"));
      return { state: await attached(news, context) };
    });
  },

  read: (id, known, context) => {
    const about = { what: "cannot look at the volume's attachment", object: id };
    return attempt(context.client, about, async () => {
      const row = await findRow(context.client, listing, id);
      if (row?.virtualmachineid === undefined) return undefined;
      const inputs = { ...known.inputs, volumeId: id, instanceId: row.virtualmachineid };
      return { state: { ...inputs, deviceId: row.deviceid ?? 0 }, inputs };
    });
  },

  delete: (old, context) => {
    const about = { what: "cannot detach the volume", object: old.id };
    return attempt(context.client, about, async () => {
      await endOfJob(old.state, context, waitingOf(context, "attaching"));
      const row = await findRow(context.client, listing, old.id);
      // Only from this instance: it may be another one's by now.
      if (row?.virtualmachineid !== old.state.instanceId) return;
      await perform(context.client, "detachVolume", { id: old.id }, waitingOf(context, "detaching"));
    });
  },
};

function attached(inputs: VolumeAttachmentInputs, context: Creating): Promise<VolumeAttachmentState> {
  const { client } = context;
  const { volumeId: id, instanceId, deviceId } = inputs;
  return attempt(client, { what: "cannot attach the volume", object: id }, async () => {
    const found = await findRow(client, listing, id);
    const holder = found?.virtualmachineid;
    if (holder !== undefined && holder !== instanceId) throw taken(found?.name ?? id, holder);
    if (holder === undefined) {
      const parameters = {
        id,
        virtualmachineid: instanceId,
        ...(deviceId !== undefined && { deviceid: String(deviceId) }),
      };
      const command = { name: "attachVolume", parameters };
      const waiting = waitingOf(context, "attaching");
      const begun = (jobId: string) => context.save(id, { ...inputs, jobId });
      await performOnce(command, identityOf(context, {}), context, waiting, begun, context.forget);
    }
    const row = await findRow(client, listing, id);
    if (row?.virtualmachineid !== instanceId) throw withoutEffect(row?.name ?? id);
    return { ...inputs, deviceId: row.deviceid ?? deviceId ?? 0 };
  });
}

function withoutEffect(volume: string): Problem {
  return new Problem({
    what: "the volume is not attached",
    object: volume,
    because: "attachVolume ended, and the cloud does not show it with the instance",
    next: "pulumi refresh, then pulumi up",
  });
}

function taken(volume: string, holder: string): Problem {
  return new Problem({
    what: "cannot attach the volume",
    object: volume,
    because: `it is attached to instance ${holder}`,
    next: "detach it there first, or take another volume",
  });
}
