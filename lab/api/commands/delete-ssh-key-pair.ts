import { invalidValue } from "../../cloud/failure.ts";
import { success } from "../answers.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";

export const deleteSSHKeyPair = command({
  name: "deleteSSHKeyPair",
  description: "Deletes a keypair by name",
  params: { name: text("name of the key pair").required(), ...ownerParams },
  response: { success: "boolean" },
  run({ values, account }, cloud) {
    const { store } = cloud;
    const pair = store.find("keyPairs", (row) => row.name === values.name && row.accountId === account.id);
    if (!pair) {
      throw invalidValue(
        `A key pair with name '${values.name}' does not exist for account ${account.name} in specified domain id`,
        [{ uuid: account.domainId, description: "domainId" }],
      );
    }
    store.transaction(() => store.remove("keyPairs", pair.id));
    return success();
  },
});
