import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { addKeyPair, sshLine } from "../../cloud/key-pairs.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { text } from "../parameters.ts";
import { keyPairView } from "../views/key-pair.ts";

export const createSSHKeyPair = command({
  name: "createSSHKeyPair",
  description: "Create a new keypair and returns the private key",
  event: { type: "REGISTER.SSH.KEYPAIR", doing: "registering ssh keypair" },
  params: { name: text("name of the key pair").required(), ...ownerParams },
  response: { id: "string", name: "string", fingerprint: "string", privatekey: "string" },
  async run({ values, account }, cloud) {
    const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const pair = addKeyPair(cloud, account, values.name, sshLine(publicKey));
    // The only time that anybody sees it: the server does not keep it.
    const privatekey = privateKey.export({ type: "pkcs1", format: "pem" });
    return { keypair: { privatekey, ...keyPairView(cloud, pair) } };
  },
});
