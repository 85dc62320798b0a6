import * as answers from "../client/answers.ts";
import { faultsIn, filledText, missing, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface VolumeSnapshotInputs {
  volumeId: string;
  name?: string;
  tags?: Record<string, string>;
}

export interface VolumeSnapshotState extends VolumeSnapshotInputs {
  name: string;
  zoneId: string;
  created: string;
}

export const volumeSnapshot = objectResource<VolumeSnapshotInputs, VolumeSnapshotState, answers.Snapshot>({
  token: "cloudstack:index:VolumeSnapshot",
  title: "volume snapshot",
  schema: resourceSchema({
    description:
      "A volume as it is at this moment, backed up (`createSnapshot`). Whether a running instance's volume can have one is the cloud's setting `kvm.snapshot.enabled`.\n\nImported by its id.",
    inputs: {
      volumeId: { type: "string", willReplaceOnChanges: true },
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "By default made from the resource's name.",
      },
      tags: tagsProperty,
    },
    required: ["volumeId"],
    outputs: {
      zoneId: { type: "string" },
      created: { type: "string", description: "As CloudStack tells it, with its time zone." },
      jobId: jobIdOutput,
    },
    present: ["volumeId", "name", "zoneId", "created"],
  }),
  check: (news) => [
    ...missing({ ...news }, ["volumeId"]),
    ...faultsIn({ ...news }, { volumeId: filledText, name: filledText, tags: tagMap }),
  ],
  nameOf: ({ name, volumeId }) => name ?? `of volume ${volumeId}`,
  // One row for each zone and store that has it; a copy that is on its way says nothing of it.
  listing: {
    command: "listSnapshots",
    row: answers.snapshot,
    idsParameter: "ids",
    merged: (rows) => rows.find(({ state }) => state === "BackedUp") ?? rows[0],
  },
  make: ({ volumeId, name }, label) => ({
    name: "createSnapshot",
    parameters: { volumeid: volumeId, name: name ?? label },
  }),
  tagged: "Snapshot",
  chosenByCloud: ["name"],
  inputsOf: (row) => ({
    volumeId: row.volumeid ?? "",
    ...(row.name !== undefined && { name: row.name }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({
    ...inputs,
    name: row.name ?? "",
    zoneId: row.zoneid ?? "",
    created: row.created ?? "",
  }),
  fault: ({ state }) => (state === "BackedUp" ? undefined : `it is in state ${state}, not backed up`),
  remove: (id) => ({ name: "deleteSnapshot", parameters: { id } }),
  stable: ["name", "zoneId", "created"],
});
