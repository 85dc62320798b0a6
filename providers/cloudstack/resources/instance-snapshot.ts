import * as answers from "../client/answers.ts";
import { faultsIn, filledText, flag, missing, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface InstanceSnapshotInputs {
  instanceId: string;
  name?: string;
  description?: string;
  memory?: boolean;
  tags?: Record<string, string>;
}

export interface InstanceSnapshotState extends InstanceSnapshotInputs {
  name: string;
  created: string;
}

export const instanceSnapshot = objectResource<
  InstanceSnapshotInputs,
  InstanceSnapshotState,
  answers.InstanceSnapshot
>({
  token: "cloudstack:index:InstanceSnapshot",
  title: "instance snapshot",
  schema: resourceSchema({
    description:
      "All disks of an instance, and its memory if wanted, as they are at this moment (`createVMSnapshot`). No template can be made of one: that takes a `VolumeSnapshot`.\n\nImported by its id.",
    inputs: {
      instanceId: { type: "string", willReplaceOnChanges: true },
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Unique in its instance; by default made from the resource's name.",
      },
      description: { type: "string", willReplaceOnChanges: true },
      memory: {
        type: "boolean",
        willReplaceOnChanges: true,
        description: "With the memory; the instance must run.",
      },
      tags: tagsProperty,
    },
    required: ["instanceId"],
    outputs: {
      created: { type: "string", description: "As CloudStack tells it, with its time zone." },
      jobId: jobIdOutput,
    },
    present: ["instanceId", "name", "created"],
  }),
  check: (news) => [
    ...missing({ ...news }, ["instanceId"]),
    ...faultsIn(
      { ...news },
      { instanceId: filledText, name: filledText, description: filledText, memory: flag, tags: tagMap },
    ),
  ],
  nameOf: ({ name, instanceId }) => name ?? `of instance ${instanceId}`,
  listing: {
    command: "listVMSnapshot",
    row: answers.instanceSnapshot,
    idParameter: "vmsnapshotid",
    idsParameter: "vmsnapshotids",
  },
  make: ({ instanceId, name, description, memory }, label) => ({
    name: "createVMSnapshot",
    parameters: {
      virtualmachineid: instanceId,
      name: name ?? label,
      ...(description !== undefined && { description }),
      ...(memory && { snapshotmemory: "true" }),
    },
  }),
  tagged: "VMSnapshot",
  chosenByCloud: ["name", "memory"],
  inputsOf: (row) => ({
    instanceId: row.virtualmachineid ?? "",
    ...(row.displayname !== undefined && { name: row.displayname }),
    ...(row.description && { description: row.description }),
    ...(row.type !== undefined && { memory: row.type === "DiskAndMemory" }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({ ...inputs, name: row.displayname ?? "", created: row.created ?? "" }),
  fault: ({ state }) => (state === "Ready" ? undefined : `it is in state ${state}`),
  remove: (id) => ({ name: "deleteVMSnapshot", parameters: { vmsnapshotid: id } }),
  stable: ["name", "created"],
});
