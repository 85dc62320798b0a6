/** Groups of an account, named by their ids or by their names. */
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { Account } from "../cloud/model.ts";
import { rowOf } from "./rows.ts";

export function groupIds(
  cloud: Cloud,
  table: "affinityGroups" | "securityGroups",
  account: Account,
  ids: readonly string[] | undefined,
  names: readonly string[] | undefined,
): string[] {
  const named = (names ?? []).map((name) => {
    const found = cloud.store.find(table, (row) => row.name === name && row.accountId === account.id);
    if (!found) throw invalidValue(`Unable to find group by name ${name}`);
    return found.id;
  });
  const given = (ids ?? []).map((id) => rowOf(cloud, table, id).id);
  return [...new Set([...given, ...named])];
}
