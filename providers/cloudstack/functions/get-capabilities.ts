import * as answers from "../client/answers.ts";
import { type LookUp, looking, lookUpSchema } from "./look-up.ts";

interface Result {
  version: string;
  securityGroups: boolean;
  dynamicRoles: boolean;
  snapshotsOfRunningInstances: boolean;
  mayExpunge: boolean;
}

export const getCapabilities: LookUp<Record<string, never>, Result> = {
  token: "cloudstack:index:getCapabilities",
  schema: lookUpSchema({
    description: "What the cloud is and can do for this key (`listCapabilities`).",
    inputs: {},
    required: [],
    outputs: {
      version: { type: "string", description: "Such as `4.22.0.0`." },
      securityGroups: { type: "boolean" },
      dynamicRoles: { type: "boolean" },
      snapshotsOfRunningInstances: { type: "boolean", description: "The setting `kvm.snapshot.enabled`." },
      mayExpunge: { type: "boolean", description: "Whether a user can remove an instance for good." },
    },
  }),
  invoke: (_, context) =>
    looking(context, "cloud", context.client.endpoint, async () => {
      const { capability } = await context.client.call("listCapabilities", {}, context.signal);
      const told = answers.capabilities.parse(capability);
      return {
        version: told.cloudstackversion ?? "",
        securityGroups: told.securitygroupsenabled ?? false,
        dynamicRoles: told.dynamicrolesenabled ?? false,
        snapshotsOfRunningInstances: told.kvmsnapshotenabled ?? false,
        mayExpunge: told.allowuserexpungerecovervm ?? false,
      };
    }),
};
