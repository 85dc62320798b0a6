import * as answers from "../client/answers.ts";
import {
  type MatchInputs,
  matchFaults,
  matchInputs,
  matchParameters,
  matchProperties,
  matchText,
  ruleFault,
  withMatchDefaults,
} from "./firewall-match.ts";
import { faultsIn, filledText, missing, networks, tagMap } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { jobIdOutput, resourceSchema, tagsProperty } from "./properties.ts";

export interface EgressFirewallRuleInputs extends MatchInputs {
  networkId: string;
  cidrs?: string[];
  destinationCidrs?: string[];
  tags?: Record<string, string>;
}

export const egressFirewallRule = objectResource<
  EgressFirewallRuleInputs,
  EgressFirewallRuleInputs,
  answers.FirewallRule
>({
  token: "cloudstack:index:EgressFirewallRule",
  title: "egress rule",
  schema: resourceSchema({
    description:
      "An exception to what an isolated network's offering says of outgoing packets (`createEgressFirewallRule`): it lets them pass where the offering denies, and denies them where the offering lets them pass.\n\nImported by its id.",
    inputs: {
      networkId: { type: "string", willReplaceOnChanges: true },
      ...matchProperties,
      cidrs: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: true,
        description: "Networks of guests, inside of this one; by default all of it.",
      },
      destinationCidrs: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: true,
        description: "The receivers' networks; by default any.",
      },
      tags: tagsProperty,
    },
    required: ["networkId", "protocol"],
    outputs: { jobId: jobIdOutput },
    present: ["networkId", "protocol"],
  }),
  defaults: withMatchDefaults,
  check: (news) => [
    ...missing({ ...news }, ["networkId", "protocol"]),
    ...matchFaults(news),
    ...faultsIn(
      { ...news },
      { networkId: filledText, cidrs: networks, destinationCidrs: networks, tags: tagMap },
    ),
  ],
  nameOf: (inputs) => `${matchText(inputs)} to ${(inputs.destinationCidrs ?? ["anywhere"]).join(", ")}`,
  listing: { command: "listEgressFirewallRules", row: answers.firewallRule },
  make: (inputs) => ({
    name: "createEgressFirewallRule",
    parameters: {
      networkid: inputs.networkId,
      ...matchParameters(inputs),
      ...(inputs.cidrs && { cidrlist: inputs.cidrs.join(",") }),
      ...(inputs.destinationCidrs && { destcidrlist: inputs.destinationCidrs.join(",") }),
    },
  }),
  tagged: "FirewallRule",
  chosenByCloud: ["cidrs"],
  inputsOf: (row) => ({
    networkId: row.networkid ?? "",
    ...matchInputs(row),
    ...(row.cidrlist.length > 0 && { cidrs: row.cidrlist }),
    ...(row.destcidrlist.length > 0 && { destinationCidrs: row.destcidrlist }),
    ...tagInputs(row),
  }),
  stateOf: (_, inputs) => inputs,
  fault: ruleFault,
  remove: (id) => ({ name: "deleteEgressFirewallRule", parameters: { id } }),
  difference: (old, news) => ({ deleteBeforeReplace: news.networkId === old.inputs.networkId }),
});
