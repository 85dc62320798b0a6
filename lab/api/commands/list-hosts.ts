import { fixedId } from "../../cloud/fixed-ids.ts";
import { hypervisor } from "../../cloud/world.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, equalsIgnoringCase, hasKeyword, isOneOf } from "../filters.ts";
import { text, uuid } from "../parameters.ts";
import { serverVersion } from "../render.ts";

/** The one that everything runs on. */
export const listHosts = listCommand({
  name: "listHosts",
  description: "Lists hosts.",
  adminOnly: true,
  params: {
    id: text("the host"),
    name: text("exact name"),
    zoneid: uuid("zones", "its zone"),
    type: text("Routing: those that instances run on"),
    state: text("Up"),
    hypervisor: text("exact name"),
  },
  response: { id: "string", name: "string", state: "string", type: "string", zoneid: "string" },
  run(call, cloud) {
    const { values } = call;
    const { id: zoneid, name: zonename } = cloud.zone;
    const host = {
      id: fixedId(cloud, "host"),
      name: "lab-host",
      state: "Up",
      type: "Routing",
      zoneid,
      zonename,
      podid: fixedId(cloud, "pod"),
      podname: "lab-pod",
      clusterid: fixedId(cloud, "cluster"),
      clustername: "lab-cluster",
      version: serverVersion,
      hypervisor,
      resourcestate: "Enabled",
    };
    const isMeant =
      equals(values.id, host.id) &&
      equals(values.name, host.name) &&
      isOneOf(zoneid, values.zoneid) &&
      equals(values.type, host.type) &&
      equals(values.state, host.state) &&
      equalsIgnoringCase(values.hypervisor, host.hypervisor) &&
      hasKeyword(values.keyword, host.name);
    return listOf(call, "host", isMeant ? [host] : [], (row) => row);
  },
});
