/** command:remote:CopyFile: the older copy of one file, which every change does anew. */
import { z } from "zod";
import { faultsBy } from "../../rpc/faults.ts";
import type { Properties, PropertySpec, ResourceHandler } from "../../rpc/index.ts";
import { uniqueHex } from "../lifecycle.ts";
import type { Workplace } from "../workplace.ts";
import {
  connectionProperty,
  connectionShape,
  connectionShown,
  dialling,
  targetOf,
  withConnectionDefaults,
} from "./connection.ts";

const inputProperties: Record<string, PropertySpec> = {
  connection: connectionProperty,
  localPath: { type: "string", description: "The path of the file to be copied." },
  remotePath: { type: "string", description: "The destination path in the remote host." },
  triggers: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    description: "Trigger replacements on changes to this input.",
  },
};

const inputsType = z.looseObject({
  connection: connectionShape,
  localPath: z.string().min(1),
  remotePath: z.string().min(1),
  triggers: z.array(z.unknown()).optional(),
});

export const copyFile: ResourceHandler<Properties, Properties, Workplace> = {
  token: "command:remote:CopyFile",
  schema: {
    description: "Copy a local file to a remote host.",
    deprecationMessage:
      "This resource is deprecated and will be removed in a future release. Please use the `CopyToRemote` resource instead.",
    inputProperties,
    requiredInputs: ["connection", "localPath", "remotePath"],
    properties: inputProperties,
    required: ["connection", "localPath", "remotePath"],
  },
  shown: connectionShown,
  check: (news) => ({ inputs: withConnectionDefaults(news), faults: faultsBy(inputsType, news) }),
  create: async (inputs, { client, log, signal }) => {
    const target = targetOf(inputs);
    await client.connections.use(
      target,
      signal,
      async (connection) =>
        (await connection.files(signal)).write(String(inputs.localPath), String(inputs.remotePath)),
      dialling(log, target),
    );
    return { id: uniqueHex(""), state: inputs };
  },
};
