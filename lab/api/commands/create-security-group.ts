import { invalidValue } from "../../cloud/failure.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";
import { securityGroupView } from "../views/security-group.ts";

export const createSecurityGroup = command({
  name: "createSecurityGroup",
  description: "Creates a security group",
  event: { type: "SG.CREATE", doing: "creating security group" },
  params: {
    name: text("its name, once in an account").required(),
    description: text("for people"),
    ...ownerParams,
  },
  response: { id: "string", name: "string" },
  run({ values, account }, cloud) {
    const { store } = cloud;
    if (store.find("securityGroups", (row) => row.name === values.name && row.accountId === account.id)) {
      throw invalidValue(`Unable to create security group, a group with name ${values.name} already exists.`);
    }
    const row = {
      id: store.newId("securityGroups"),
      number: store.nextNumber("securityGroups"),
      name: values.name,
      description: values.description ?? "",
      accountId: account.id,
      rules: [],
    };
    store.transaction(() => store.put("securityGroups", row));
    return { securitygroup: securityGroupView(cloud, row) };
  },
});
