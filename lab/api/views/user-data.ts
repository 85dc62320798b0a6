import type { Cloud } from "../../cloud/cloud.ts";
import type { UserData } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";

export function userDataView(cloud: Cloud, row: UserData): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    ...ownerFields(cloud, row.accountId),
    userdata: row.content,
    ...(row.params === undefined ? {} : { params: row.params }),
    hasannotations: false,
  };
}
