import { mayAccess } from "../../cloud/accounts.ts";
import { permissionDenied } from "../../cloud/failure.ts";
import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const getUserKeys = command({
  name: "getUserKeys",
  description: "This command allows the user to query the secret and API keys for the account",
  since: "4.10.0",
  params: { id: uuid("users", "the user").required() },
  response: { apikey: "string", secretkey: "string", apikeyaccess: "boolean" },
  run({ values, caller }, cloud) {
    const user = rowOf(cloud, "users", values.id);
    if (!mayAccess(cloud, caller.account, user.accountId)) {
      throw permissionDenied(`The keys of user ${user.id} are not yours to see`);
    }
    const keys = cloud.keysOf(user);
    return {
      userkeys: {
        ...(keys && { apikey: keys.apiKey, secretkey: keys.secretKey }),
        apikeyaccess: true,
      },
    };
  },
});
