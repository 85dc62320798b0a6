import { giveKeys, mayAccess } from "../../cloud/accounts.ts";
import { invalidValue, permissionDenied } from "../../cloud/failure.ts";
import { command } from "../command.ts";
import { uuid } from "../parameters.ts";
import { rowOf } from "../rows.ts";

export const registerUserKeys = command({
  name: "registerUserKeys",
  description:
    "This command allows a user to register for the developer API, returning a secret key and an API key.",
  event: { type: "REGISTER.USER.KEY", doing: "register for the developer API keys. User Id:" },
  params: { id: uuid("users", "the user").required() },
  response: { apikey: "string", secretkey: "string" },
  run({ values, caller }, cloud) {
    const user = rowOf(cloud, "users", values.id);
    if (!mayAccess(cloud, caller.account, user.accountId)) {
      throw permissionDenied(`The keys of user ${user.id} are not yours to make`);
    }
    if (user.id === cloud.adminUser.id) {
      throw invalidValue("The lab's own keys stay as they are until npm run lab -- reset");
    }
    const { apiKey, secretKey } = cloud.store.transaction(() => giveKeys(cloud, user));
    return { userkeys: { apikey: apiKey, secretkey: secretKey } };
  },
});
