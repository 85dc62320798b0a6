import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Appliance } from "../appliances/types.ts";
import type { Access } from "../inputs/access.ts";
import type { Clone } from "./clone.ts";

export interface ConnectionOutputsArgs {
  appliance: Appliance;
  clone: Clone;
  operator: string;
  access: Access;
  /** Folder on this computer that receives the private key and the host key. */
  directory: string;
  /** Text of the script that prints the appliance's own database access as JSON. */
  databaseAccessScript: string;
}

/** Printed and exported as it stands; only the database access, where there is a database, is secret. */
export interface ConnectionFacts {
  host: pulumi.Output<string>;
  ssh: {
    /** To be typed in the project's folder. */
    command: pulumi.Output<string>;
    user: string;
    port: number;
    identityFile: pulumi.Output<string>;
    knownHostsFile: pulumi.Output<string>;
    hostKey: pulumi.Output<string>;
  };
  /** Title of the port ("GUI") -> address. */
  urls: pulumi.Output<Record<string, string>>;
  database?: pulumi.Output<z.infer<typeof databaseAccess>>;
}

const databaseAccess = z.object({
  host: z.string(),
  port: z.number(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
});

/** What a consumer needs to reach the running appliance. The key and the host key also go to files that ssh can use. */
export class ConnectionOutputs extends pulumi.ComponentResource {
  readonly connection: ConnectionFacts;

  constructor(name: string, args: ConnectionOutputsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:ConnectionOutputs", name, {}, opts);
    const { clone, directory } = args;
    const identityFile = `${directory}/${name}_ed25519`;
    const knownHostsFile = `${directory}/${name}_known_hosts`;
    const keyFile = localFile(`${name}-key-file`, identityFile, clone.key.privateKey, this);
    const knownHosts = pulumi.interpolate`${clone.host} ${clone.hostKey}\n`;
    const hostKeyFile = localFile(`${name}-known-hosts-file`, knownHostsFile, knownHosts, this);
    this.connection = {
      host: clone.host,
      ssh: {
        command: clone.host.apply(
          (host) =>
            `ssh ${jump(args.access)}-i ${identityFile} -o UserKnownHostsFile=${knownHostsFile} ${args.operator}@${host}`,
        ),
        user: args.operator,
        port: 22,
        identityFile: pulumi.all([keyFile.id]).apply(() => identityFile),
        knownHostsFile: pulumi.all([hostKeyFile.id]).apply(() => knownHostsFile),
        hostKey: clone.hostKey,
      },
      urls: urlsOf(args.appliance, clone.host),
      ...(args.appliance.database && { database: this.#databaseAccess(name, args) }),
    };
    this.registerOutputs({ ...this.connection });
  }

  #databaseAccess(name: string, { clone, databaseAccessScript }: ConnectionOutputsArgs) {
    const access = new remote.Command(
      `${name}-database-access`,
      {
        connection: clone.connection,
        create: "sudo bash -s",
        stdin: databaseAccessScript,
        logging: remote.Logging.Stderr,
        addPreviousOutputInEnv: false,
        triggers: [clone.instanceId],
      },
      { parent: this, additionalSecretOutputs: ["stdout"] },
    );
    return pulumi.secret(access.stdout.apply((text) => databaseAccess.parse(JSON.parse(text))));
  }
}

/** The person's own ssh finds the bastion's key where they keep it. */
function jump(access: Access): string {
  if (access.kind !== "bastion") return "";
  const { user, host, port } = access.bastion;
  return `-J ${user}@${host}:${port} `;
}

function urlsOf(appliance: Appliance, host: pulumi.Output<string>): pulumi.Output<Record<string, string>> {
  return host.apply((address) =>
    Object.fromEntries(
      appliance.ports.flatMap(({ title, url }) => (url ? [[title, url.replace("{host}", address)]] : [])),
    ),
  );
}

function localFile(
  name: string,
  path: string,
  content: pulumi.Input<string>,
  parent: pulumi.Resource,
): local.Command {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return new local.Command(
    name,
    {
      create: `umask 077 && mkdir -p ${folder} && rm -f ${path} && cat > ${path}`,
      delete: `rm -f ${path}`,
      stdin: content,
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
}
