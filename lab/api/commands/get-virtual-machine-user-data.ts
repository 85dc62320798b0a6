import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const getVirtualMachineUserData = command({
  name: "getVirtualMachineUserData",
  description: "Returns user data associated with the VM",
  since: "4.4",
  params: { virtualmachineid: uuid("instances", "the instance").required() },
  response: { virtualmachineid: "string", userdata: "string" },
  run({ values }, cloud) {
    const { id, userData } = rowOf(cloud, "instances", values.virtualmachineid);
    return {
      virtualmachineuserdata: {
        virtualmachineid: id,
        ...(userData === undefined ? {} : { userdata: userData }),
      },
    };
  },
});
