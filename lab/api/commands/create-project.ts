import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue } from "../../cloud/failure.ts";
import type { Plan } from "../../cloud/jobs.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import { apiTime } from "../../cloud/time.ts";
import { asyncCommand } from "../command.ts";
import { text, uuid } from "../parameters.ts";
import { projectView } from "../views/account.ts";

export const createProject = asyncCommand({
  name: "createProject",
  description: "Creates a project",
  event: { type: "PROJECT.CREATE", doing: "creating project. Project Id:" },
  since: "3.0.0",
  commandClass: "user.project.CreateProjectCmd",
  creates: true,
  params: {
    name: text("its name, once in its domain").required(),
    displaytext: text("what it is"),
    account: text("who leads it; by default the caller"),
    domainid: uuid("domains", "domain of that account"),
  },
  response: { id: "string", name: "string", displaytext: "string" },
  submit({ values, account }, cloud) {
    const { store } = cloud;
    refuseBeyondLimit(cloud, account, "project");
    const { domainId } = account;
    if (store.find("projects", (row) => row.name === values.name && row.domainId === domainId)) {
      throw invalidValue(`Project with name ${values.name} already exists in domain id=${domainId}`);
    }
    const created = apiTime();
    const id = store.newId("projects");
    const number = store.nextNumber("projects");
    const own = {
      id: store.newId("accounts"),
      number: store.nextNumber("accounts"),
      name: `PrjAcct-${values.name}-${number}`,
      domainId,
      role: "User" as const,
      roleId: account.roleId,
      created,
    };
    store.put("accounts", own);
    store.put("projects", {
      id,
      number,
      name: values.name,
      displayText: values.displaytext ?? values.name,
      accountId: own.id,
      domainId,
      members: [{ accountId: account.id, leads: true }],
      created,
    });
    return shown(cloud, id);
  },
  resume: (job, cloud) => shown(cloud, job.instanceId ?? ""),
});

function shown(cloud: Cloud, id: string): Plan {
  const { store } = cloud;
  return {
    instanceType: "Project",
    instanceId: id,
    work: async () => () => ({ project: projectView(cloud, store.need("projects", id)) }),
    failed() {
      store.forget("accounts", store.need("projects", id).accountId);
      store.forget("projects", id);
    },
  };
}
