import { hypervisor } from "../../cloud/world.ts";
import { command } from "../command.ts";
import { uuid } from "../parameters.ts";

export const listHypervisors = command({
  name: "listHypervisors",
  description: "Lists hypervisors",
  params: { zoneid: uuid("zones", "zone") },
  response: { name: "string" },
  run: () => ({ count: 1, hypervisor: [{ name: hypervisor }] }),
});
