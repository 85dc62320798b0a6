import { affinityGroupTypes } from "../affinity-group-types.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";

export const listAffinityGroupTypes = listCommand({
  name: "listAffinityGroupTypes",
  description: "Lists affinity group types available",
  params: {},
  response: { type: "string" },
  run: (call) => listOf(call, "affinityGroupType", affinityGroupTypes, (type) => ({ type })),
});
