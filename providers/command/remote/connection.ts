/** The `connection` of the remote resources: its schema, its defaults, and the SSH target that it means. */
import { z } from "zod";
import type { Log, ObjectSpec, Properties, PropertySpec } from "../../rpc/index.ts";
import { isPlainObject } from "../../rpc/values.ts";
import { type ConnectOptions, type SshTarget, shownOf } from "../../ssh/index.ts";

const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

const properties: Record<string, PropertySpec> = {
  agentSocketPath: {
    type: "string",
    description: "SSH Agent socket path. Default to environment variable SSH_AUTH_SOCK if present.",
  },
  dialErrorLimit: {
    type: "integer",
    default: defaults.dialErrorLimit,
    description: "Max allowed errors on trying to dial the remote host. -1 set count to unlimited.",
  },
  host: { type: "string", description: "The address of the resource to connect to." },
  hostKey: {
    type: "string",
    description:
      "The expected host key to verify the server's identity. If not provided, the host key will be ignored.",
  },
  password: { type: "string", description: "The password we should use for the connection." },
  perDialTimeout: {
    type: "integer",
    default: defaults.perDialTimeout,
    description: "Max number of seconds for each dial attempt. 0 implies no maximum.",
  },
  port: { type: "number", default: defaults.port, description: "The port to connect to." },
  privateKey: {
    type: "string",
    description:
      "The contents of an SSH key to use for the connection. This takes preference over the password if provided.",
  },
  privateKeyPassword: {
    type: "string",
    description: "The password to use in case the private key is encrypted.",
  },
  user: {
    type: "string",
    default: defaults.user,
    description: "The user that we should use for the connection.",
  },
};

export const connectionTypes: Record<string, ObjectSpec> = {
  "command:remote:Connection": {
    type: "object",
    description: "Instructions for how to connect to a remote endpoint.",
    properties: {
      ...properties,
      proxy: {
        $ref: "#/types/command:remote:ProxyConnection",
        description: "The connection settings for the bastion/proxy host.",
      },
    },
    required: ["host"],
  },
  "command:remote:ProxyConnection": {
    type: "object",
    description: "Instructions for how to connect to a remote endpoint via a bastion host.",
    properties,
    required: ["host"],
  },
};

export const connectionProperty: PropertySpec = {
  $ref: "#/types/command:remote:Connection",
  secret: true,
  description: "The parameters with which to connect to the remote host.",
};

export const connectionShown = shownOf("connection");

const shape = {
  agentSocketPath: z.string().optional(),
  dialErrorLimit: z.int().min(-1).optional(),
  host: z.string(),
  hostKey: z.string().optional(),
  password: z.string().optional(),
  perDialTimeout: z.int().min(0).optional(),
  port: z.int().min(1).max(65535).optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  user: z.string().optional(),
};

export const connectionShape = z.looseObject({ ...shape, proxy: z.looseObject(shape).optional() });

type Login = z.infer<z.ZodObject<typeof shape>>;

export function withConnectionDefaults(inputs: Properties): Properties {
  const { connection } = inputs;
  if (!isPlainObject(connection)) return inputs;
  const { proxy } = connection;
  const full = isPlainObject(proxy) ? { proxy: { ...defaults, ...proxy } } : {};
  return { ...inputs, connection: { ...defaults, ...connection, ...full } };
}

export function targetOf(inputs: Properties): SshTarget {
  const connection = connectionShape.parse(inputs.connection);
  return { ...loginOf(connection), ...(connection.proxy && { proxy: loginOf(connection.proxy) }) };
}

function loginOf(connection: Login): SshTarget {
  const agentSocketPath = connection.agentSocketPath || process.env.SSH_AUTH_SOCK;
  const { privateKey, privateKeyPassword, password, hostKey } = connection;
  return {
    host: connection.host,
    port: connection.port ?? defaults.port,
    user: connection.user ?? defaults.user,
    ...(privateKey !== undefined && { privateKey }),
    ...(privateKeyPassword !== undefined && { privateKeyPassword }),
    ...(password !== undefined && { password }),
    ...(hostKey !== undefined && { hostKey }),
    ...(agentSocketPath && { agentSocketPath }),
    perDialTimeoutSeconds: connection.perDialTimeout ?? defaults.perDialTimeout,
    dialErrorLimit: connection.dialErrorLimit ?? defaults.dialErrorLimit,
  };
}

/** Says that a machine does not let us in yet, in the words of the official provider, with the reason behind. */
export function dialling(log: Log, target: SshTarget): Pick<ConnectOptions, "onAttempt"> {
  const limit = (target.dialErrorLimit ?? defaults.dialErrorLimit) < 0 ? "inf" : target.dialErrorLimit;
  return {
    onAttempt: ({ target: name, attempt, because }) =>
      log.status(`Dial ${attempt}/${limit} failed: retrying (${name}: ${because})`),
  };
}
