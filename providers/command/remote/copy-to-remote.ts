/** command:remote:CopyToRemote: a file, a text or a folder of files on the machine, over SFTP. */
import { z } from "zod";
import { faultsBy } from "../../rpc/faults.ts";
import {
  Archive,
  Asset,
  type Context,
  type Fault,
  isUnknown,
  type Properties,
  type PropertySpec,
  type ResourceHandler,
} from "../../rpc/index.ts";
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
import { copyPath, copyText } from "./copy.ts";

const inputProperties: Record<string, PropertySpec> = {
  connection: connectionProperty,
  remotePath: {
    type: "string",
    description:
      "The destination path on the remote host; parent directories are created. When it is an existing directory, the source is copied into that directory.",
  },
  source: {
    oneOf: [{ $ref: "pulumi.json#/Asset" }, { $ref: "pulumi.json#/Archive" }],
    description:
      "An asset or an archive to upload: a `FileAsset`, `StringAsset`, or a `FileArchive`. It is copied as it is; archives like .tgz are not unpacked. Directories are copied recursively, overwriting existing files.",
  },
  triggers: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    replaceOnChanges: true,
    description: "Trigger replacements on changes to this input.",
  },
};

const inputsType = z.looseObject({
  connection: connectionShape,
  remotePath: z.string().min(1),
  triggers: z.array(z.unknown()).optional(),
});

export const copyToRemote: ResourceHandler<Properties, Properties, Workplace> = {
  token: "command:remote:CopyToRemote",
  schema: {
    description: "Copy an Asset or Archive to a remote host.",
    inputProperties,
    requiredInputs: ["connection", "remotePath", "source"],
    properties: inputProperties,
    required: ["connection", "remotePath", "source"],
  },
  shown: connectionShown,
  check: (news) => ({
    inputs: withConnectionDefaults(news),
    faults: [...faultsBy(inputsType, news), ...sourceFaults(news.source)],
  }),
  create: async (inputs, context) => {
    await copy(inputs, context);
    return { id: uniqueHex(""), state: inputs };
  },
  update: async (old, news, context) => {
    const moved = hashOf(old.state) !== hashOf(news) || old.state.remotePath !== news.remotePath;
    if (moved) await copy(news, context);
    return { state: news };
  },
};

/** The properties are named as the official provider names them. */
function sourceFaults(source: unknown): Fault[] {
  if (isUnknown(source)) return [];
  if (source instanceof Asset) {
    if (source.path !== undefined || source.text !== undefined) return [];
    return [{ property: "asset", reason: "asset must be a path-based file asset or a text asset" }];
  }
  if (source instanceof Archive) {
    if (source.path !== undefined) return [];
    return [{ property: "archive", reason: "archive must be a path to a file or directory" }];
  }
  return [{ property: "asset", reason: "either asset or archive must be set" }];
}

function hashOf({ source }: Properties): string | undefined {
  return source instanceof Asset || source instanceof Archive ? source.hash : undefined;
}

async function copy(inputs: Properties, { client, log, signal }: Context<Workplace>): Promise<void> {
  const target = targetOf(inputs);
  const { source } = inputs;
  const remotePath = String(inputs.remotePath);
  await client.connections.use(
    target,
    signal,
    async (connection) => {
      const files = await connection.files(signal);
      if (source instanceof Asset && source.path === undefined) {
        await copyText(files, source.text ?? "", remotePath);
      } else {
        await copyPath(files, String((source as Asset | Archive).path), remotePath);
      }
    },
    dialling(log, target),
  );
}
