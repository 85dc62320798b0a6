/** The fields that tell whose something is. */
import type { Cloud } from "../../cloud/cloud.ts";

export function ownerFields(cloud: Cloud, accountId: string): Record<string, unknown> {
  const account = cloud.store.need("accounts", accountId);
  const domain = cloud.store.need("domains", account.domainId);
  return { account: account.name, domainid: domain.id, domain: domain.name, domainpath: domain.name };
}
