import { command } from "../command.ts";
import { serverVersion } from "../render.ts";

export const listCapabilities = command({
  name: "listCapabilities",
  description: "Lists capabilities",
  since: "3.0.0",
  params: {},
  response: { cloudstackversion: "string" },
  run: () => ({
    capability: {
      securitygroupsenabled: false,
      dynamicrolesenabled: true,
      cloudstackversion: serverVersion,
      userpublictemplateenabled: true,
      supportELB: "false",
      projectinviterequired: false,
      allowusercreateprojects: false,
      customdiskofferingminsize: 1,
      customdiskofferingmaxsize: 1024,
      regionsecondaryenabled: false,
      kvmsnapshotenabled: false,
      allowuserviewdestroyedvm: true,
      allowuserexpungerecovervm: true,
      allowuserexpungerecovervolume: true,
      allowuserviewalldomainaccounts: false,
      allowuserforcestopvm: true,
      kubernetesserviceenabled: false,
      kubernetesclusterexperimentalfeaturesenabled: false,
      defaultuipagesize: 20,
      instanceleaseenabled: false,
      dynamicscalingenabled: false,
    },
  }),
});
