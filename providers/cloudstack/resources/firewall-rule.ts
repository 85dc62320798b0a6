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

export interface FirewallRuleInputs extends MatchInputs {
  ipAddressId: string;
  cidrs: string[];
  tags?: Record<string, string>;
}

export interface FirewallRuleState extends FirewallRuleInputs {
  networkId: string;
}

export const firewallRule = objectResource<FirewallRuleInputs, FirewallRuleState, answers.FirewallRule>({
  token: "cloudstack:index:FirewallRule",
  title: "firewall rule",
  schema: resourceSchema({
    description:
      "Lets packets in to a public address (`createFirewallRule`). The senders' networks must be named: there is no rule for everybody by default.\n\nImported by its id.",
    inputs: {
      ipAddressId: { type: "string", willReplaceOnChanges: true, description: "Id of a `PublicIpAddress`." },
      ...matchProperties,
      cidrs: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: true,
        description: "The senders' networks, such as `203.0.113.0/24`; their order means nothing.",
      },
      tags: tagsProperty,
    },
    required: ["ipAddressId", "protocol", "cidrs"],
    outputs: { networkId: { type: "string" }, jobId: jobIdOutput },
    present: ["ipAddressId", "protocol", "cidrs", "networkId"],
  }),
  defaults: withMatchDefaults,
  check: (news) => [
    ...missing({ ...news }, ["ipAddressId", "protocol", "cidrs"]),
    ...matchFaults(news),
    ...faultsIn({ ...news }, { ipAddressId: filledText, cidrs: networks, tags: tagMap }),
  ],
  nameOf: (inputs) => `${matchText(inputs)} from ${(inputs.cidrs ?? []).join(", ")}`,
  listing: { command: "listFirewallRules", row: answers.firewallRule },
  make: (inputs) => ({
    name: "createFirewallRule",
    parameters: {
      ipaddressid: inputs.ipAddressId,
      cidrlist: inputs.cidrs.join(","),
      ...matchParameters(inputs),
    },
  }),
  tagged: "FirewallRule",
  inputsOf: (row) => ({
    ipAddressId: row.ipaddressid ?? "",
    ...matchInputs(row),
    ...(row.cidrlist.length > 0 && { cidrs: row.cidrlist }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({ ...inputs, networkId: row.networkid ?? "" }),
  fault: ruleFault,
  remove: (id) => ({ name: "deleteFirewallRule", parameters: { id } }),
  // The cloud refuses a rule that overlaps another one of the same address.
  difference: (old, news) => ({ deleteBeforeReplace: news.ipAddressId === old.inputs.ipAddressId }),
  stable: ["networkId"],
});
