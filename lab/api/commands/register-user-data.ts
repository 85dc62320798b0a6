import { invalidValue } from "../../cloud/failure.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";
import { readUserData } from "../user-data.ts";
import { userDataView } from "../views/user-data.ts";

export const registerUserData = command({
  name: "registerUserData",
  description: "Register a new User Data.",
  event: { type: "REGISTER.USER.DATA", doing: "registering userdata" },
  since: "4.18",
  params: {
    name: text("its name, once in an account").required(),
    userdata: text("base64", { length: 1_048_576 }).required(),
    params: text("names of variables, joined by commas"),
    ...ownerParams,
  },
  response: { id: "string", name: "string", userdata: "string" },
  run({ values, account, method }, cloud) {
    const { store } = cloud;
    const content = readUserData(values.userdata, method);
    const own = store.filter("userData", (row) => row.accountId === account.id);
    if (own.some(({ name }) => name === values.name)) {
      throw invalidValue(`A userdata with name ${values.name} already exists for this account.`);
    }
    const same = own.find((row) => row.content === content);
    if (same) {
      throw invalidValue(`Userdata ${same.name} with same content already exists for this account.`);
    }
    const row = {
      id: store.newId("userData"),
      number: store.nextNumber("userData"),
      name: values.name,
      accountId: account.id,
      content,
      ...(values.params ? { params: values.params } : {}),
    };
    store.transaction(() => store.put("userData", row));
    return { userdata: userDataView(cloud, row) };
  },
});
