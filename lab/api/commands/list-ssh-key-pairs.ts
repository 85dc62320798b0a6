import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { text, uuid } from "../parameters.ts";
import { keyPairView } from "../views/key-pair.ts";
import { visibleTo } from "../visibility.ts";

export const listSSHKeyPairs = listCommand({
  name: "listSSHKeyPairs",
  description: "List registered keypairs",
  params: {
    id: uuid("keyPairs", "the key pair"),
    name: text("exact name"),
    fingerprint: text("exact fingerprint"),
    ...visibilityParams,
  },
  response: { id: "string", name: "string", fingerprint: "string" },
  run(call, cloud) {
    const { id, name, fingerprint, keyword } = call.values;
    const isVisible = visibleTo(cloud, call);
    const rows = cloud.store.filter(
      "keyPairs",
      (pair) =>
        isVisible(pair) &&
        isOneOf(pair.id, id) &&
        equals(name, pair.name) &&
        equals(fingerprint, pair.fingerprint) &&
        hasKeyword(keyword, pair.name),
    );
    return listOf(call, "sshkeypair", rows.reverse(), (pair) => keyPairView(cloud, pair));
  },
});
