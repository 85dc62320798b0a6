/** The fields that tell whose something is. */
import { pathOf, projectOf } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";

/** The account, or the project in its place. */
export function ownerFields(cloud: Cloud, accountId: string): Record<string, unknown> {
  const account = cloud.store.need("accounts", accountId);
  const domain = cloud.store.need("domains", account.domainId);
  const project = projectOf(cloud, accountId);
  return {
    ...(project ? { projectid: project.id, project: project.name } : { account: account.name }),
    domainid: domain.id,
    domain: domain.name,
    domainpath: pathOf(cloud, domain),
  };
}
