import { type Fault, isUnknown, type ObjectSpec, type PropertySpec } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import type { Parameters } from "../client/signature.ts";
import { type MatchInputs, matchFaults, matchParameters, matchProperties } from "./firewall-match.ts";
import { anyNetworks, faultsIn, filledText, missing, tagMap } from "./inputs.ts";
import { type Command, objectResource, tagInputs } from "./object.ts";
import { resourceSchema, tagsProperty } from "./properties.ts";

export interface SecurityGroupRule extends MatchInputs {
  cidrs: string[];
}

export interface SecurityGroupInputs {
  name?: string;
  description?: string;
  ingress?: SecurityGroupRule[];
  egress?: SecurityGroupRule[];
  tags?: Record<string, string>;
}

export interface SecurityGroupState extends SecurityGroupInputs {
  name: string;
}

/** CloudStack has one rule for each network. */
interface Atom extends MatchInputs {
  cidr: string;
}

export const securityGroupRule: ObjectSpec = {
  type: "object",
  properties: {
    ...plainMatchProperties(),
    cidrs: {
      type: "array",
      items: { type: "string" },
      description: "Networks, such as `203.0.113.0/24` or `::/0`; their order means nothing.",
    },
  },
  required: ["protocol", "cidrs"],
};

/** In a list of rules nothing replaces. */
function plainMatchProperties(): Record<string, PropertySpec> {
  return Object.fromEntries(
    Object.entries(matchProperties).map(([name, { willReplaceOnChanges: _, ...spec }]) => [name, spec]),
  );
}

const rules = (description: string): PropertySpec => ({
  type: "array",
  items: { $ref: "#/types/cloudstack:index:SecurityGroupRule" },
  description,
});

export const securityGroup = objectResource<SecurityGroupInputs, SecurityGroupState, answers.SecurityGroup>({
  token: "cloudstack:index:SecurityGroup",
  title: "security group",
  schema: resourceSchema({
    description:
      "A firewall for instances, in zones with security groups (`createSecurityGroup`). All of its rules are those of the program: others are removed.\n\nImported by its id.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Unique in the account; by default made from the resource's name.",
      },
      description: { type: "string", willReplaceOnChanges: true },
      ingress: rules("Who may come in; their order means nothing."),
      egress: rules("Where the instances may go; without any rule everywhere."),
      tags: tagsProperty,
    },
    required: [],
    outputs: {},
    present: ["name"],
  }),
  defaults: (news) => ({ ingress: [], egress: [], ...news }),
  check: (news) => [
    ...ruleFaults("ingress", news.ingress),
    ...ruleFaults("egress", news.egress),
    ...faultsIn({ ...news }, { name: filledText, description: filledText, tags: tagMap }),
  ],
  nameOf: ({ name }) => name,
  listing: { command: "listSecurityGroups", row: answers.securityGroup },
  make: ({ name, description }, label) => ({
    name: "createSecurityGroup",
    sync: true,
    parameters: { name: name ?? label, ...(description !== undefined && { description }) },
  }),
  labelOf: ({ name }) => name,
  chosenByCloud: ["name"],
  uniqueName: ({ name }) => name,
  tagged: "SecurityGroup",
  inputsOf: (row) => ({
    name: row.name,
    ...(row.description && { description: row.description }),
    ingress: grouped(row.ingressrule),
    egress: grouped(row.egressrule),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({ ...inputs, name: row.name }),
  changes: (row, { ingress = [], egress = [] }) => [
    ...moved(row.id, row.ingressrule, ingress, "Ingress"),
    ...moved(row.id, row.egressrule, egress, "Egress"),
  ],
  isSame: (property, a, b) =>
    property === "ingress" || property === "egress"
      ? sameAtoms(a as SecurityGroupRule[], b as SecurityGroupRule[])
      : JSON.stringify(a) === JSON.stringify(b),
  remove: (id) => ({ name: "deleteSecurityGroup", sync: true, parameters: { id } }),
  difference: (old, news) => ({ deleteBeforeReplace: news.name === old.state.name }),
  stable: ["name"],
});

function ruleFaults(property: "ingress" | "egress", given: unknown): Fault[] {
  if (given === undefined || isUnknown(given)) return [];
  if (!Array.isArray(given)) return [{ property, reason: "must be a list of rules" }];
  return (given as SecurityGroupRule[]).flatMap((rule, index) =>
    isUnknown(rule)
      ? []
      : faultsOfRule(rule).map(({ property: part, reason }) => ({
          property: [property, index, ...(typeof part === "string" ? [part] : part)],
          reason,
        })),
  );
}

function faultsOfRule(rule: SecurityGroupRule): Fault[] {
  return [
    ...missing({ ...rule }, ["protocol", "cidrs"]),
    ...matchFaults(rule),
    ...faultsIn({ ...rule }, { cidrs: anyNetworks }),
  ];
}

function moved(
  id: string,
  there: readonly answers.SecurityRule[],
  wanted: readonly SecurityGroupRule[],
  direction: "Ingress" | "Egress",
): Command[] {
  const present = new Map(there.map((rule) => [keyOf(atomOf(rule)), rule]));
  const missing = new Map(atoms(wanted).map((atom) => [keyOf(atom), atom]));
  const gone = [...present].filter(([key]) => !missing.has(key));
  const fresh = [...missing].filter(([key]) => !present.has(key));
  return [
    ...gone.map(([, { ruleid }]) => ({
      name: `revokeSecurityGroup${direction}`,
      parameters: { id: ruleid },
    })),
    ...fresh.map(([, atom]) => ({
      name: `authorizeSecurityGroup${direction}`,
      parameters: authorization(id, atom),
    })),
  ];
}

function authorization(id: string, { cidr, ...match }: Atom): Parameters {
  return { securitygroupid: id, cidrlist: cidr, ...matchParameters(match) };
}

function atoms(rules: readonly SecurityGroupRule[]): Atom[] {
  return rules.flatMap(({ cidrs, ...match }) => cidrs.map((cidr) => ({ ...completed(match), cidr })));
}

function completed(match: MatchInputs): MatchInputs {
  const protocol = match.protocol.toLowerCase();
  if (protocol === "icmp") {
    return { protocol, icmpType: match.icmpType ?? -1, icmpCode: match.icmpCode ?? -1 };
  }
  const { startPort } = match;
  return { protocol, ...(startPort !== undefined && { startPort, endPort: match.endPort ?? startPort }) };
}

function atomOf({ protocol, startport, endport, icmptype, icmpcode, cidr }: answers.SecurityRule): Atom {
  const match = {
    protocol,
    ...(startport !== undefined && { startPort: startport }),
    ...(endport !== undefined && { endPort: endport }),
    ...(icmptype !== undefined && { icmpType: icmptype }),
    ...(icmpcode !== undefined && { icmpCode: icmpcode }),
  };
  return { ...completed(match), cidr: cidr ?? "" };
}

function grouped(there: readonly answers.SecurityRule[]): SecurityGroupRule[] {
  const groups = new Map<string, SecurityGroupRule>();
  for (const rule of there) {
    const { cidr, ...match } = atomOf(rule);
    const key = JSON.stringify(match);
    const group = groups.get(key) ?? { ...match, cidrs: [] };
    group.cidrs.push(cidr);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sameAtoms(a: readonly SecurityGroupRule[], b: readonly SecurityGroupRule[]): boolean {
  const keys = (rules: readonly SecurityGroupRule[]) => atoms(rules).map(keyOf).sort().join("\n");
  return keys(a) === keys(b);
}

function keyOf({ protocol, startPort, endPort, icmpType, icmpCode, cidr }: Atom): string {
  return [protocol, startPort, endPort, icmpType, icmpCode, cidr].join(" ");
}
