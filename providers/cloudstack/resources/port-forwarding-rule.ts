import type { Fault } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { ruleFault } from "./firewall-match.ts";
import { address, faultsIn, filledText, missing, networks, oneOf, port, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface PortForwardingRuleInputs {
  ipAddressId: string;
  protocol: string;
  publicPort: number;
  publicEndPort: number;
  privatePort: number;
  privateEndPort: number;
  instanceId: string;
  guestIpAddress?: string;
  networkId?: string;
  cidrs?: string[];
  tags?: Record<string, string>;
}

export interface PortForwardingRuleState extends PortForwardingRuleInputs {
  guestIpAddress: string;
  ipAddress: string;
}

const replaces = true;

export const portForwardingRule = objectResource<
  PortForwardingRuleInputs,
  PortForwardingRuleState,
  answers.PortForwardingRule
>({
  token: "cloudstack:index:PortForwardingRule",
  title: "port forwarding rule",
  schema: resourceSchema({
    description:
      "Leads ports of a public address to an instance (`createPortForwardingRule`). It opens no firewall: a `FirewallRule` says who may come in.\n\nImported by its id.",
    inputs: {
      ipAddressId: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Id of a `PublicIpAddress`.",
      },
      protocol: { type: "string", willReplaceOnChanges: replaces, description: "`tcp` or `udp`." },
      publicPort: { type: "integer", willReplaceOnChanges: replaces },
      publicEndPort: {
        type: "integer",
        willReplaceOnChanges: replaces,
        description: "By default `publicPort`.",
      },
      privatePort: { type: "integer", willReplaceOnChanges: replaces, description: "Of the instance." },
      privateEndPort: {
        type: "integer",
        willReplaceOnChanges: replaces,
        description: "By default as far from `privatePort` as `publicEndPort` is from `publicPort`.",
      },
      instanceId: { type: "string", willReplaceOnChanges: replaces },
      guestIpAddress: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Of an instance that has several in the network.",
      },
      networkId: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "For an address of a VPC: the tier.",
      },
      cidrs: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: replaces,
        description: "Senders' networks, where the cloud filters them here; by default any.",
      },
      tags: tagsProperty,
    },
    required: ["ipAddressId", "protocol", "publicPort", "privatePort", "instanceId"],
    outputs: { ipAddress: { type: "string", description: "The public address." }, jobId: jobIdOutput },
    present: [
      "ipAddressId",
      "protocol",
      "publicPort",
      "publicEndPort",
      "privatePort",
      "privateEndPort",
      "instanceId",
      "guestIpAddress",
      "ipAddress",
    ],
  }),
  defaults: withPorts,
  check: (news) => [
    ...missing({ ...news }, ["ipAddressId", "protocol", "publicPort", "privatePort", "instanceId"]),
    ...faultsIn(
      { ...news },
      {
        ipAddressId: filledText,
        protocol: oneOf("tcp", "udp"),
        publicPort: port,
        publicEndPort: port,
        privatePort: port,
        privateEndPort: port,
        instanceId: filledText,
        guestIpAddress: address,
        networkId: filledText,
        cidrs: networks,
        tags: tagMap,
      },
    ),
    ...unequalRanges(withPorts(news)),
  ],
  nameOf: ({ protocol, publicPort }) => `${protocol} ${publicPort}`,
  listing: { command: "listPortForwardingRules", row: answers.portForwardingRule },
  make: (inputs) => ({
    name: "createPortForwardingRule",
    parameters: {
      ipaddressid: inputs.ipAddressId,
      protocol: inputs.protocol,
      publicport: String(inputs.publicPort),
      publicendport: String(inputs.publicEndPort),
      privateport: String(inputs.privatePort),
      privateendport: String(inputs.privateEndPort),
      virtualmachineid: inputs.instanceId,
      // Left out, CloudStack lets everybody in.
      openfirewall: "false",
      ...(inputs.guestIpAddress !== undefined && { vmguestip: inputs.guestIpAddress }),
      ...(inputs.networkId !== undefined && { networkid: inputs.networkId }),
      ...(inputs.cidrs && { cidrlist: inputs.cidrs.join(",") }),
    },
  }),
  tagged: "PortForwardingRule",
  inputsOf: (row) => ({
    ipAddressId: row.ipaddressid ?? "",
    protocol: row.protocol.toLowerCase(),
    ...portsOf(row),
    instanceId: row.virtualmachineid ?? "",
    ...(row.cidrlist.length > 0 && { cidrs: row.cidrlist }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({
    ...inputs,
    guestIpAddress: row.vmguestip ?? "",
    ipAddress: row.ipaddress ?? "",
  }),
  fault: ruleFault,
  remove: (id) => ({ name: "deletePortForwardingRule", parameters: { id } }),
  difference: (old, news) => ({ deleteBeforeReplace: news.ipAddressId === old.inputs.ipAddressId }),
  stable: ["guestIpAddress", "ipAddress"],
});

/** Older versions tell the end only of a range. */
function portsOf({ publicport, publicendport, privateport, privateendport }: answers.PortForwardingRule) {
  return {
    ...(publicport !== undefined && { publicPort: publicport, publicEndPort: publicendport ?? publicport }),
    ...(privateport !== undefined && {
      privatePort: privateport,
      privateEndPort: privateendport ?? privateport,
    }),
  };
}

function withPorts(news: PortForwardingRuleInputs): PortForwardingRuleInputs {
  const { publicPort, privatePort } = news;
  const publicEndPort = news.publicEndPort ?? publicPort;
  const length = Number(publicEndPort) - Number(publicPort);
  const derived = Number.isInteger(length) ? Number(privatePort) + length : privatePort;
  const privateEndPort = news.privateEndPort ?? derived;
  return {
    ...news,
    ...(typeof news.protocol === "string" && { protocol: news.protocol.toLowerCase() }),
    ...(publicEndPort !== undefined && { publicEndPort }),
    ...(privatePort !== undefined && privateEndPort !== undefined && { privateEndPort }),
  };
}

function unequalRanges(news: PortForwardingRuleInputs): Fault[] {
  const outside = Number(news.publicEndPort) - Number(news.publicPort);
  const inside = Number(news.privateEndPort) - Number(news.privatePort);
  if (!Number.isInteger(outside) || !Number.isInteger(inside)) return [];
  if (outside < 0) return [{ property: "publicEndPort", reason: "is below publicPort" }];
  if (outside === inside) return [];
  return [{ property: "privateEndPort", reason: `the ranges have ${outside + 1} and ${inside + 1} ports` }];
}
