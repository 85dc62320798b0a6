import * as guest from "@ossea/guest";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { Appliance, Database as DatabaseData, SecretFile } from "../appliances/types.ts";
import type { Sources } from "../inputs/sources.ts";
import { stepsFolder } from "../inputs/sources.ts";
import type { BuildSecrets } from "./build-secrets.ts";
import { chain } from "./chain.ts";
import type { MachineAccess } from "./machine-access.ts";

export interface DatabaseArgs {
  machine: MachineAccess;
  appliance: Appliance;
  sources: Sources;
  secrets: BuildSecrets;
}

/** The appliance's database, made, filled and verified object by object, and the environment files with its secrets. */
export class Database extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:Database", name, {}, opts);
    const { machine, appliance, sources, secrets } = args;
    const { database } = appliance;
    const made = chain(this, name, machine, [
      ...(database ? [createLink(database, secrets)] : []),
      ...appliance.secretFiles.map((file) => secretFileLink(file, secrets)),
    ]);
    if (database) {
      new guest.Database(
        `${name}-contents`,
        {
          connection: machine.connection,
          database: {
            name: database.name,
            user: database.user,
            password: secrets.databasePassword,
          },
          schema: textOf(sources, database.schema),
          seed: textOf(sources, database.seed),
          objects: parse(textOf(sources, database.objects)),
          triggers: { instance: machine.instanceId },
        },
        { parent: this, dependsOn: made ? [made] : [] },
      );
    }
    this.registerOutputs();
  }
}

function createLink(database: DatabaseData, secrets: BuildSecrets) {
  return {
    name: "create",
    script: `${stepsFolder}/create-database.sh`,
    parameters: [
      `database=${database.name}`,
      `user=${database.user}`,
      `character_set=${database.characterSet}`,
      `collation=${database.collation}`,
      pulumi.interpolate`password=${secrets.databasePassword}`,
    ],
  };
}

function secretFileLink(file: SecretFile, secrets: BuildSecrets) {
  return {
    name: file.path.slice(file.path.lastIndexOf("/") + 1),
    script: `${stepsFolder}/write-secret-file.sh`,
    parameters: [
      `path=${file.path}`,
      `owner=${file.owner}`,
      ...file.lines.map(({ variable, value }) =>
        pulumi
          .all([secrets.databasePassword, secrets.credentialKey])
          .apply(
            ([password, key]) =>
              `line=${variable}=${value.replaceAll("{databasePassword}", () => password).replaceAll("{credentialKey}", () => key)}`,
          ),
      ),
    ],
  };
}

function textOf(sources: Sources, path: string): string {
  const source = sources.files.get(path);
  if (!source) throw new Error(`${path} was not read`);
  return source.text;
}
