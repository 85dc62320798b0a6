import * as answers from "../client/answers.ts";
import { faultsIn, filledText, missing } from "./inputs.ts";
import { objectResource } from "./object.ts";
import { jobIdOutput, resourceSchema } from "./properties.ts";

export interface AffinityGroupInputs {
  name?: string;
  type: string;
  description?: string;
}

export interface AffinityGroupState extends AffinityGroupInputs {
  name: string;
}

export const affinityGroup = objectResource<AffinityGroupInputs, AffinityGroupState, answers.AffinityGroup>({
  token: "cloudstack:index:AffinityGroup",
  title: "affinity group",
  schema: resourceSchema({
    description:
      "A group whose instances run on one host, or each on another one (`createAffinityGroup`).\n\nImported by its id.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Unique in the account; by default made from the resource's name.",
      },
      type: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Such as `host anti-affinity`; the cloud's own list is `listAffinityGroupTypes`.",
      },
      description: { type: "string", willReplaceOnChanges: true },
    },
    required: ["type"],
    outputs: { jobId: jobIdOutput },
    present: ["name", "type"],
  }),
  check: (news) => [
    ...missing({ ...news }, ["type"]),
    ...faultsIn({ ...news }, { name: filledText, type: filledText, description: filledText }),
  ],
  nameOf: ({ name }) => name,
  listing: { command: "listAffinityGroups", row: answers.affinityGroup },
  make: ({ name, type, description }, label) => ({
    name: "createAffinityGroup",
    parameters: { name: name ?? label, type, ...(description !== undefined && { description }) },
  }),
  labelOf: ({ name }) => name,
  chosenByCloud: ["name"],
  uniqueName: ({ name }) => name,
  inputsOf: ({ name, type, description }) => ({
    name,
    type: type ?? "",
    ...(description && { description }),
  }),
  stateOf: ({ name }, inputs) => ({ ...inputs, name }),
  remove: (id) => ({ name: "deleteAffinityGroup", parameters: { id } }),
  difference: (old, news) => ({ deleteBeforeReplace: news.name === old.state.name }),
});
