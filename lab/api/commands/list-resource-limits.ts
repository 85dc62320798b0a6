import { mayAccess, ownerOf } from "../../cloud/accounts.ts";
import { permissionDenied } from "../../cloud/failure.ts";
import { limitOf, resourceTypes } from "../../cloud/limits.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { visibilityParams } from "../owners.ts";
import { integer, text, withoutEffect } from "../parameters.ts";
import { ownerFields } from "../views/owner.ts";

export const listResourceLimits = listCommand({
  name: "listResourceLimits",
  description: "Lists resource limits.",
  params: {
    id: withoutEffect(integer("of a limit; the lab's have none")),
    resourcetype: integer("number of the type"),
    resourcetypename: text("name of the type, such as user_vm"),
    ...visibilityParams,
  },
  response: { resourcetype: "string", resourcetypename: "string", max: "long" },
  run(call, cloud) {
    const { resourcetype, resourcetypename } = call.values;
    const owner = ownerOf(cloud, call.caller.account, call.values);
    if (!mayAccess(cloud, call.caller.account, owner.id))
      throw permissionDenied("These limits are not yours");
    const rows = resourceTypes.filter(
      ({ number, name }) =>
        (resourcetype === undefined || resourcetype === number) &&
        (resourcetypename === undefined || resourcetypename === name),
    );
    return listOf(call, "resourcelimit", rows, (type) => ({
      ...ownerFields(cloud, owner.id),
      resourcetype: String(type.number),
      resourcetypename: type.name,
      max: limitOf(owner, type),
    }));
  },
});
