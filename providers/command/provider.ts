/**
 * A stand-in for Pulumi's command plugin, for where that cannot be downloaded: same tokens, properties, defaults, rules
 * and states. Besides, commands on one machine share SSH connections, and messages show no secret.
 */
import type { Provider } from "../rpc/index.ts";
import { Connections } from "../ssh/index.ts";
import { localCommand } from "./local/command.ts";
import { localRun } from "./local/run.ts";
import { loggingType } from "./logging.ts";
import { remoteCommand } from "./remote/command.ts";
import { connectionTypes } from "./remote/connection.ts";
import { copyFile } from "./remote/copy-file.ts";
import { copyToRemote } from "./remote/copy-to-remote.ts";
import type { Workplace } from "./workplace.ts";

export const commandProvider: Provider<Workplace> = {
  schema: {
    name: "command",
    version: "1.2.1",
    description: "A stand-in for Pulumi's command provider.",
    license: "Apache-2.0",
    types: {
      ...connectionTypes,
      "command:local:Logging": loggingType,
      "command:remote:Logging": loggingType,
    },
  },
  resources: [localCommand, remoteCommand, copyToRemote, copyFile],
  functions: [localRun],
  configure: () => ({ connections: new Connections() }),
};
