import { addKeyPair } from "../../cloud/key-pairs.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";
import { keyPairView } from "../views/key-pair.ts";

export const registerSSHKeyPair = command({
  name: "registerSSHKeyPair",
  description: "Register a public key in a keypair under a certain name",
  event: { type: "REGISTER.SSH.KEYPAIR", doing: "registering ssh keypair" },
  params: {
    name: text("name of the key pair").required(),
    publickey: text("OpenSSH line, or its base64", { length: 5120 }).required(),
    ...ownerParams,
  },
  response: { id: "string", name: "string", fingerprint: "string" },
  run: ({ values, account }, cloud) => ({
    keypair: keyPairView(cloud, addKeyPair(cloud, account, values.name, values.publickey)),
  }),
});
