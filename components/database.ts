import { basename } from "node:path";
import * as guest from "@ossea/guest";
import * as pulumi from "@pulumi/pulumi";
import type { Appliance, DatabaseObjects } from "../appliances/types.ts";
import type { Sources } from "../inputs/sources.ts";
import { stepsFolder } from "../inputs/sources.ts";
import type { BuildSecrets } from "./build-secrets.ts";
import { type ChainLink, chain } from "./chain.ts";
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
    const { sql } = sources;
    const made = chain(this, name, machine, withSecrets(appliance, secrets));
    if (database && sql) {
      new guest.Database(
        `${name}-contents`,
        {
          connection: machine.connection,
          database: {
            name: database.name,
            user: database.user,
            password: secrets.databasePassword,
          },
          schema: sql.schema.text,
          seed: sql.seed.text,
          migrations: sql.migrations.map(({ path, text }) => ({ file: basename(path), sql: text })),
          objects: objectInputs(database.objects),
          triggers: { instance: machine.instanceId },
        },
        { parent: this, dependsOn: made ? [made] : [] },
      );
    }
    this.registerOutputs();
  }
}

/** Names and scripts are known beforehand; the parameters when the secrets are. */
function withSecrets(appliance: Appliance, secrets: BuildSecrets): ChainLink[] {
  const texts = pulumi.all([secrets.databasePassword, secrets.credentialKey]);
  return secretLinks(appliance, { databasePassword: "", credentialKey: "" }).map((link, index) => ({
    ...link,
    parameters: texts.apply(
      ([databasePassword, credentialKey]) =>
        secretLinks(appliance, { databasePassword, credentialKey })[index]?.parameters ?? [],
    ),
  }));
}

/** What the build machine's secrets are; the seal takes them out again. */
export interface BuildSecretTexts {
  databasePassword: string;
  credentialKey: string;
}

/** The steps that hold secrets, in their order. */
export function secretLinks(
  appliance: Appliance,
  { databasePassword, credentialKey }: BuildSecretTexts,
): { name: string; script: string; parameters: string[] }[] {
  const { database } = appliance;
  const create = database && {
    name: "create",
    script: `${stepsFolder}/create-database.sh`,
    parameters: [
      `database=${database.name}`,
      `user=${database.user}`,
      `character_set=${database.characterSet}`,
      `collation=${database.collation}`,
      `password=${databasePassword}`,
    ],
  };
  const files = appliance.secretFiles.map((file) => ({
    name: file.path.slice(file.path.lastIndexOf("/") + 1),
    script: `${stepsFolder}/write-secret-file.sh`,
    parameters: [
      `path=${file.path}`,
      `owner=${file.owner}`,
      ...file.lines.map(({ variable, value }) => `template=${variable}=${value}`),
      ...file.lines.map(
        ({ variable, value }) =>
          `line=${variable}=${value.replaceAll("{databasePassword}", () => databasePassword).replaceAll("{credentialKey}", () => credentialKey)}`,
      ),
    ],
  }));
  return [...(create ? [create] : []), ...files];
}

function objectInputs({ baseTables, views, foreignKeys, ...rest }: DatabaseObjects) {
  return { ...rest, baseTables: [...baseTables], views: [...views], foreignKeys: [...foreignKeys] };
}
