import type { Cloud } from "../../cloud/cloud.ts";
import type { KeyPair } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";

export function keyPairView(cloud: Cloud, pair: KeyPair): Record<string, unknown> {
  const { account, domainid, domain } = ownerFields(cloud, pair.accountId);
  return {
    id: pair.id,
    name: pair.name,
    account,
    domainid,
    domain,
    fingerprint: pair.fingerprint,
    hasannotations: false,
  };
}
