/** SSH keys of an instance, as its details hold them. */
import type { Cloud } from "../cloud/cloud.ts";
import { invalidValue } from "../cloud/failure.ts";
import type { Account } from "../cloud/model.ts";

/** The key goes into the instance's details, and from there into templates made of it: so does the real server's. */
export function keyDetails(cloud: Cloud, account: Account, names: readonly string[]): Record<string, string> {
  if (names.length === 0) return {};
  const pairs = [...new Set(names)].map((name) =>
    cloud.store.find("keyPairs", (row) => row.name === name && row.accountId === account.id),
  );
  const found = pairs.filter((pair) => pair !== undefined);
  if (found.length < pairs.length) throw invalidValue("Not all specified keypairs exist");
  return {
    "SSH.PublicKey": found.map(({ publicKey }) => publicKey).join("\n"),
    "SSH.KeyPairNames": found.map(({ name }) => name).join(","),
  };
}
