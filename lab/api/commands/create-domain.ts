import { invalidValue } from "../../cloud/failure.ts";
import { command } from "../command.ts";
import { text, uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { domainView } from "../views/account.ts";

export const createDomain = command({
  name: "createDomain",
  description: "Creates a domain",
  event: { type: "DOMAIN.CREATE", doing: "creating Domain" },
  adminOnly: true,
  params: {
    name: text("its name, once below its parent").required(),
    parentdomainid: uuid("domains", "by default the root domain"),
  },
  response: { id: "string", name: "string", path: "string" },
  run({ values }, cloud) {
    const { store } = cloud;
    const parentId = rowOf(cloud, "domains", values.parentdomainid ?? cloud.rootDomain.id).id;
    if (store.find("domains", (row) => row.name === values.name && row.parentId === parentId)) {
      throw invalidValue(`Domain with name ${values.name} already exists for the parent id=${parentId}`);
    }
    const domain = {
      id: store.newId("domains"),
      number: store.nextNumber("domains"),
      name: values.name,
      parentId,
    };
    store.transaction(() => store.put("domains", domain));
    return { domain: domainView(cloud, domain) };
  },
});
