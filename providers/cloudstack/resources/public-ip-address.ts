import * as answers from "../client/answers.ts";
import { address, faultsIn, filledText, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface PublicIpAddressInputs {
  networkId?: string;
  vpcId?: string;
  zoneId?: string;
  ipAddress?: string;
  tags?: Record<string, string>;
}

export interface PublicIpAddressState extends PublicIpAddressInputs {
  ipAddress: string;
  sourceNat: boolean;
}

const replaces = true;

export const publicIpAddress = objectResource<
  PublicIpAddressInputs,
  PublicIpAddressState,
  answers.PublicAddress
>({
  token: "cloudstack:index:PublicIpAddress",
  title: "public IP address",
  schema: resourceSchema({
    description:
      "A public address of an isolated network or a VPC (`associateIpAddress`). Its rules go with it.\n\nImported by its id.",
    inputs: {
      networkId: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "The isolated network that it leads to.",
      },
      vpcId: { type: "string", willReplaceOnChanges: replaces, description: "In place of `networkId`." },
      zoneId: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Some clouds want it beside `networkId`.",
      },
      ipAddress: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "This one and no other; by default a free one.",
      },
      tags: tagsProperty,
    },
    required: [],
    outputs: {
      sourceNat: {
        type: "boolean",
        description: "It is the network's own way out, and goes with the network.",
      },
      jobId: jobIdOutput,
    },
    present: ["ipAddress", "sourceNat"],
  }),
  check: (news) => [
    ...(news.networkId === undefined && news.vpcId === undefined
      ? [{ property: "networkId", reason: "is required, or vpcId in its place" }]
      : []),
    ...(news.networkId !== undefined && news.vpcId !== undefined
      ? [{ property: "vpcId", reason: "is given beside networkId: an address leads to one of them" }]
      : []),
    ...faultsIn(
      { ...news },
      { networkId: filledText, vpcId: filledText, zoneId: filledText, ipAddress: address, tags: tagMap },
    ),
  ],
  nameOf: ({ ipAddress, networkId, vpcId }) => ipAddress ?? `of ${networkId ?? vpcId ?? "a network"}`,
  listing: { command: "listPublicIpAddresses", row: answers.publicAddress },
  make: ({ networkId, vpcId, zoneId, ipAddress }) => ({
    name: "associateIpAddress",
    parameters: {
      ...(networkId !== undefined && { networkid: networkId }),
      ...(vpcId !== undefined && { vpcid: vpcId }),
      ...(zoneId !== undefined && { zoneid: zoneId }),
      ...(ipAddress !== undefined && { ipaddress: ipAddress }),
    },
  }),
  tagged: "PublicIpAddress",
  chosenByCloud: ["ipAddress", "zoneId"],
  inputsOf: (row) => ({
    ...placeOf(row),
    ...(row.zoneid !== undefined && { zoneId: row.zoneid }),
    ipAddress: row.ipaddress,
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({ ...inputs, ipAddress: row.ipaddress, sourceNat: row.issourcenat ?? false }),
  remove: (id) => ({ name: "disassociateIpAddress", parameters: { id } }),
  removalAdvice: {
    invalid:
      "a network's own way out (sourceNat) goes with the network alone: pulumi state delete lets go of it",
    internal:
      "a network's own way out (sourceNat) goes with the network alone: pulumi state delete lets go of it",
  },
  difference: (old, news) => ({ deleteBeforeReplace: news.ipAddress === old.state.ipAddress }),
  stable: ["ipAddress", "sourceNat"],
});

/** An address of a VPC shows the tier that its rules lead to as well. */
function placeOf({ vpcid, associatednetworkid }: answers.PublicAddress): PublicIpAddressInputs {
  if (vpcid !== undefined) return { vpcId: vpcid };
  return associatednetworkid === undefined ? {} : { networkId: associatednetworkid };
}
