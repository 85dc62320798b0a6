import { accountNamed, isMember } from "../../cloud/accounts.ts";
import { invalidValue } from "../../cloud/failure.ts";
import { asyncCommand } from "../command.ts";
import { text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const addAccountToProject = asyncCommand({
  name: "addAccountToProject",
  description: "Adds account to a project",
  event: { type: "PROJECT.ACCOUNT.ADD", doing: "adding account to project:" },
  since: "3.0.0",
  commandClass: "user.account.AddAccountToProjectCmd",
  namesAccounts: true,
  params: {
    projectid: uuid("projects", "the project").required(),
    account: text("name of the account, in the project's domain").required(),
  },
  response: { success: "boolean" },
  submit({ values }, cloud) {
    const project = rowOf(cloud, "projects", values.projectid);
    const { id } = accountNamed(cloud, values.account, project.domainId);
    if (isMember(project, id))
      throw invalidValue(`Account ${values.account} is already added to the project`);
    return {
      instanceType: "Project",
      instanceId: project.id,
      work: async () => () => {
        const row = cloud.store.need("projects", project.id);
        cloud.store.put("projects", { ...row, members: [...row.members, { accountId: id, leads: false }] });
        return { success: true };
      },
    };
  },
});
