import { invalidValue } from "../../cloud/failure.ts";
import { resourceTypes } from "../../cloud/limits.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { integer, long } from "../parameters.ts";
import { ownerFields } from "../views/owner.ts";

export const updateResourceLimit = command({
  name: "updateResourceLimit",
  description: "Updates resource limits for an account or domain.",
  adminOnly: true,
  params: {
    resourcetype: integer("number of the type").required(),
    max: long("most of it; -1 for no limit"),
    ...ownerParams,
  },
  response: { resourcetype: "string", resourcetypename: "string", max: "long" },
  run({ values, account }, cloud) {
    const type = resourceTypes.find(({ number }) => number === values.resourcetype);
    if (!type) throw invalidValue("Please specify valid resource type");
    const max = values.max ?? -1;
    cloud.store.transaction(() =>
      cloud.store.put("accounts", { ...account, limits: { ...account.limits, [type.name]: max } }),
    );
    return {
      resourcelimit: {
        ...ownerFields(cloud, account.id),
        resourcetype: String(type.number),
        resourcetypename: type.name,
        max,
      },
    };
  },
});
