import * as answers from "../client/answers.ts";
import type { Parameters } from "../client/signature.ts";
import { address, faultsIn, filledText, missing, netmask, tagMap } from "./inputs.ts";
import { type Command, objectResource, tagInputs } from "./object.ts";
import { resourceSchema, tagsProperty } from "./properties.ts";

export interface NetworkInputs {
  name?: string;
  displayText?: string;
  zoneId: string;
  networkOfferingId: string;
  gateway?: string;
  netmask?: string;
  startIp?: string;
  endIp?: string;
  networkDomain?: string;
  vlan?: string;
  vpcId?: string;
  tags?: Record<string, string>;
}

export interface NetworkState extends NetworkInputs {
  name: string;
  displayText: string;
  networkDomain: string;
  cidr: string;
  type: string;
  status: string;
  egressAllowed: boolean;
}

const replaces = true;

export const network = objectResource<NetworkInputs, NetworkState, answers.Network>({
  token: "cloudstack:index:Network",
  title: "network",
  schema: resourceSchema({
    description:
      "A guest network: isolated, shared or of layer 2, as its offering says (`createNetwork`). An isolated network's router starts with its first instance.\n\nImported by its id.",
    inputs: {
      name: { type: "string", description: "By default made from the resource's name." },
      displayText: { type: "string", description: "By default the name." },
      zoneId: { type: "string", willReplaceOnChanges: replaces },
      networkOfferingId: {
        type: "string",
        description: "Another one in place restarts a network that has instances.",
      },
      gateway: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "The router's address; by default of the zone's guest network.",
      },
      netmask: { type: "string", willReplaceOnChanges: replaces, description: "With `gateway`." },
      startIp: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "First address for guests of a shared network.",
      },
      endIp: { type: "string", willReplaceOnChanges: replaces, description: "Last address for guests." },
      networkDomain: { type: "string", description: "Domain of the guests' names." },
      vlan: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Where the offering wants one; for administrators only.",
      },
      vpcId: { type: "string", willReplaceOnChanges: replaces, description: "The VPC that it is a tier of." },
      tags: tagsProperty,
    },
    required: ["zoneId", "networkOfferingId"],
    outputs: {
      cidr: { type: "string", description: "Empty for layer 2." },
      type: { type: "string", description: "`Isolated`, `Shared` or `L2`." },
      status: { type: "string", description: "CloudStack's state, such as `Allocated`." },
      egressAllowed: {
        type: "boolean",
        description: "Whether outgoing traffic passes for which there is no rule.",
      },
    },
    present: [
      "name",
      "displayText",
      "zoneId",
      "networkOfferingId",
      "networkDomain",
      "cidr",
      "type",
      "status",
      "egressAllowed",
    ],
  }),
  check: (news) => [
    ...missing({ ...news }, ["zoneId", "networkOfferingId"]),
    ...(news.gateway !== undefined ? missing({ ...news }, ["netmask"]) : []),
    ...(news.netmask !== undefined || news.startIp !== undefined ? missing({ ...news }, ["gateway"]) : []),
    ...(news.endIp !== undefined ? missing({ ...news }, ["startIp"]) : []),
    ...faultsIn(
      { ...news },
      {
        name: filledText,
        displayText: filledText,
        zoneId: filledText,
        networkOfferingId: filledText,
        gateway: address,
        netmask,
        startIp: address,
        endIp: address,
        networkDomain: filledText,
        vlan: filledText,
        vpcId: filledText,
        tags: tagMap,
      },
    ),
  ],
  nameOf: ({ name, displayText }) => name ?? displayText,
  listing: { command: "listNetworks", row: answers.network },
  // Names are not unique: until it is recorded, the network shows in its display text whose it is.
  make: (inputs, label) => ({
    name: "createNetwork",
    sync: true,
    parameters: {
      name: inputs.name ?? label,
      displaytext: label,
      zoneid: inputs.zoneId,
      networkofferingid: inputs.networkOfferingId,
      ...optional(inputs),
    },
  }),
  labelOf: ({ displaytext }) => displaytext ?? "",
  labelPasses: true,
  chosenByCloud: ["name", "displayText", "gateway", "netmask", "networkDomain", "vlan"],
  tagged: "Network",
  inputsOf: (row) => ({
    name: row.name,
    displayText: row.displaytext ?? row.name,
    zoneId: row.zoneid ?? "",
    networkOfferingId: row.networkofferingid ?? "",
    ...(row.gateway !== undefined && { gateway: row.gateway }),
    ...(row.netmask !== undefined && { netmask: row.netmask }),
    ...(row.networkdomain !== undefined && { networkDomain: row.networkdomain }),
    ...(row.vpcid !== undefined && { vpcId: row.vpcid }),
    ...(row.vlan !== undefined && { vlan: row.vlan }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({
    ...inputs,
    name: row.name,
    displayText: row.displaytext ?? row.name,
    networkDomain: row.networkdomain ?? "",
    ...(row.gateway !== undefined && { gateway: row.gateway }),
    ...(row.netmask !== undefined && { netmask: row.netmask }),
    cidr: row.cidr ?? "",
    type: row.type ?? "",
    status: row.state ?? "",
    egressAllowed: row.egressdefaultpolicy ?? true,
  }),
  changes: updates,
  // A shared network has them always, and shows them to nobody.
  isHidden: (property, old) =>
    (property === "startIp" || property === "endIp") &&
    old.state.type === "Shared" &&
    old.inputs.startIp === undefined,
  remove: (id) => ({ name: "deleteNetwork", parameters: { id } }),
  removalAdvice: {
    internal:
      "an instance that was destroyed and is not expunged yet still holds it, unseen: have it expunged, or wait for the cloud to do so (expunge.delay), then run it again",
  },
  difference: (_, __, moves) => ({
    costs: moves.some(({ property }) => property === "networkOfferingId")
      ? ["the network is restarted with its new offering: its instances lose their connection meanwhile"]
      : [],
  }),
  stable: ["name", "networkDomain", "cidr", "type", "gateway", "netmask"],
});

function optional({
  gateway,
  netmask,
  startIp,
  endIp,
  networkDomain,
  vlan,
  vpcId,
}: NetworkInputs): Parameters {
  return {
    ...(gateway !== undefined && { gateway }),
    ...(netmask !== undefined && { netmask }),
    ...(startIp !== undefined && { startip: startIp }),
    ...(endIp !== undefined && { endip: endIp }),
    ...(networkDomain !== undefined && { networkdomain: networkDomain }),
    ...(vlan !== undefined && { vlan }),
    ...(vpcId !== undefined && { vpcid: vpcId }),
  };
}

/** The label of its creation makes way; a text that somebody chose stays where the program says none. */
function textFor(row: answers.Network, name: string, old: Partial<NetworkState>): string {
  const chosen = old.cidr !== undefined && row.displaytext !== old.name;
  return chosen ? (row.displaytext ?? name) : name;
}

function updates(row: answers.Network, wanted: NetworkInputs, old: Partial<NetworkState>): Command[] {
  const name = wanted.name ?? row.name;
  const displaytext = wanted.displayText ?? textFor(row, name, old);
  const { networkDomain, networkOfferingId } = wanted;
  const moved: Parameters = {
    ...(name !== row.name && { name }),
    ...(displaytext !== row.displaytext && { displaytext }),
    ...(networkDomain !== undefined &&
      networkDomain !== row.networkdomain && { networkdomain: networkDomain }),
    ...(networkOfferingId !== row.networkofferingid && { networkofferingid: networkOfferingId }),
  };
  if (Object.keys(moved).length === 0) return [];
  return [{ name: "updateNetwork", parameters: { id: row.id, ...moved } }];
}
