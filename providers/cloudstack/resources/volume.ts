import { type Fault, isUnknown } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { faultsIn, filledText, flag, missing, positive, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface VolumeInputs {
  name?: string;
  zoneId?: string;
  diskOfferingId?: string;
  snapshotId?: string;
  /** GiB. */
  size?: number;
  shrinkOk?: boolean;
  tags?: Record<string, string>;
}

export interface VolumeState extends VolumeInputs {
  name: string;
  zoneId: string;
  size: number;
}

const gibibyte = 1024 ** 3;
const replaces = true;

export const volume = objectResource<VolumeInputs, VolumeState, answers.Volume>({
  token: "cloudstack:index:Volume",
  title: "volume",
  schema: resourceSchema({
    description:
      "A data disk (`createVolume`). `VolumeAttachment` gives it to an instance.\n\nImported by its id.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "By default made from the resource's name.",
      },
      zoneId: { type: "string", willReplaceOnChanges: replaces, description: "Needed without `snapshotId`." },
      diskOfferingId: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Needed without `snapshotId`.",
      },
      snapshotId: { type: "string", willReplaceOnChanges: replaces, description: "What it begins with." },
      size: {
        type: "integer",
        description:
          "GiB, for a disk offering that leaves it open. It grows in place; a smaller one needs `shrinkOk`.",
      },
      shrinkOk: { type: "boolean", description: "A smaller size cuts off what lies beyond it." },
      tags: tagsProperty,
    },
    required: [],
    outputs: { jobId: jobIdOutput },
    present: ["name", "zoneId", "size"],
  }),
  check: (news, olds) => [
    ...cutOff(news, olds),
    ...(news.snapshotId === undefined ? missing({ ...news }, ["zoneId", "diskOfferingId"]) : []),
    ...faultsIn(
      { ...news },
      {
        name: filledText,
        zoneId: filledText,
        diskOfferingId: filledText,
        snapshotId: filledText,
        size: positive,
        shrinkOk: flag,
        tags: tagMap,
      },
    ),
  ],
  nameOf: ({ name }) => name,
  listing: { command: "listVolumes", row: answers.volume, idsParameter: "ids" },
  make: ({ name, zoneId, diskOfferingId, snapshotId, size }, label) => ({
    name: "createVolume",
    parameters: {
      name: name ?? label,
      ...(zoneId !== undefined && { zoneid: zoneId }),
      ...(diskOfferingId !== undefined && { diskofferingid: diskOfferingId }),
      ...(snapshotId !== undefined && { snapshotid: snapshotId }),
      ...(size !== undefined && { size: String(size) }),
    },
  }),
  tagged: "Volume",
  chosenByCloud: ["name", "zoneId", "size"],
  inputsOf: (row) => ({
    ...(row.name !== undefined && { name: row.name }),
    ...(row.zoneid !== undefined && { zoneId: row.zoneid }),
    ...(row.diskofferingid !== undefined && { diskOfferingId: row.diskofferingid }),
    ...(row.snapshotid !== undefined && { snapshotId: row.snapshotid }),
    ...(row.size !== undefined && { size: gibibytesOf(row) }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({
    ...inputs,
    name: row.name ?? "",
    zoneId: row.zoneid ?? inputs.zoneId ?? "",
    size: row.size === undefined ? (inputs.size ?? 0) : gibibytesOf(row),
  }),
  changes: (row, { size, shrinkOk }) =>
    size === undefined || row.size === undefined || size === gibibytesOf(row)
      ? []
      : [
          {
            name: "resizeVolume",
            parameters: { id: row.id, size: String(size), ...(shrinkOk && { shrinkok: "true" }) },
          },
        ],
  remove: (id) => ({ name: "deleteVolume", sync: true, parameters: { id } }),
  difference: (old, news) => ({
    costs:
      typeof news.size === "number" && news.size < old.state.size && news.shrinkOk === true
        ? [`the volume shrinks from ${old.state.size} to ${news.size} GiB: what lies beyond is lost`]
        : [],
  }),
  stable: ["name", "zoneId", "size"],
});

/** CloudStack refuses it only when it is asked. */
function cutOff({ size, shrinkOk }: VolumeInputs, olds: VolumeInputs | undefined): Fault[] {
  const before = olds?.size;
  const shrinks = typeof size === "number" && typeof before === "number" && size < before;
  if (!shrinks || shrinkOk === true || isUnknown(shrinkOk)) return [];
  return [
    { property: "size", reason: `is below the ${before} GiB that it has: set shrinkOk to cut off the rest` },
  ];
}

function gibibytesOf({ size }: answers.Volume): number {
  return Math.round((size ?? 0) / gibibyte);
}
