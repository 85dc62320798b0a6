import { z } from "zod";
import { describeTarget } from "../../ssh/index.ts";
import { targetOf } from "../machine/target.ts";
import { type Imported, importDatabase, readFiles } from "../sql/import.ts";
import { migrationFiles } from "../sql/migrations.ts";
import { namedSet } from "../sql/objects.ts";
import { withSession } from "../sql/session.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";

const inputs = z.strictObject({
  connection: pinnedConnection,
  database: z.strictObject({
    name: z.string().min(1),
    user: z.string().min(1),
    password: z.string(),
    host: z.string().min(1).default("127.0.0.1"),
    port: z.number().int().min(1).max(65535).default(3306),
  }),
  schema: z.string(),
  seed: z.string(),
  migrations: migrationFiles.default([]),
  objects: namedSet,
  triggers,
});

const inputProperties = {
  connection: connectionSchema,
  database: { $ref: "#/types/guest:index:DatabaseAccess", description: "The database and who fills it." },
  schema: { type: "string", description: "SQL with every table, foreign key and view." },
  seed: { type: "string", description: "SQL that inserts rows; a second run must change nothing." },
  migrations: {
    type: "array",
    items: { $ref: "#/types/guest:index:Migration" },
    description:
      "Applied after the seed in the order of their versions, once each, and kept on record in schema_migrations; one that is on record already is left out, and refused when its text has changed.",
  },
  objects: { $ref: "#/types/guest:index:NamedSet", description: "What must be there afterwards, by name." },
  triggers: triggersSchema,
};

const outputProperties = {
  counts: { $ref: "#/types/guest:index:ObjectCounts", description: "How many objects were verified." },
  serverVersion: { type: "string", description: "Version of the MariaDB server." },
  schemaDigest: { type: "string", description: "SHA-256 of the schema." },
  seedDigest: { type: "string", description: "SHA-256 of the seed." },
  versions: {
    type: "array",
    items: { type: "string" },
    description: "Versions of all migrations on record in the database, in order.",
  },
};

export const databaseTypes = {
  "guest:index:DatabaseAccess": {
    type: "object",
    description: "A MariaDB database and the account that owns it.",
    properties: {
      name: { type: "string", description: "Name of the database; it must exist and be empty." },
      user: { type: "string", description: "Account with all rights on the database." },
      password: { type: "string", secret: true, description: "Password of the account." },
      host: { type: "string", default: "127.0.0.1", description: "The server as seen from the machine." },
      port: { type: "integer", default: 3306, description: "TCP port of the server." },
    },
    required: ["name", "user", "password"],
  },
  "guest:index:NamedSet": {
    type: "object",
    description: "The objects of a database by name. Missing and extra ones are faults.",
    properties: {
      baseTables: { type: "array", items: { type: "string" }, description: "Names of the base tables." },
      views: { type: "array", items: { type: "string" }, description: "Names of the views." },
      foreignKeys: {
        type: "array",
        items: { type: "string" },
        description:
          "`table.column -> table.column`, and where it matters the rule on delete behind it: `... CASCADE`.",
      },
      characterSet: { type: "string", description: "Of the database and every column; utf8mb4." },
      collation: { type: "string", description: "Of the database and every table; utf8mb4_general_ci." },
      collations: {
        type: "object",
        additionalProperties: { type: "string" },
        description: "Tables with another collation.",
      },
    },
    required: ["baseTables"],
  },
  "guest:index:Migration": {
    type: "object",
    description: "A change of the schema.",
    properties: {
      file: { type: "string", description: "Its file's name: `YYYYMMDDHHMMSS_name.up.sql`." },
      sql: { type: "string", description: "Its text." },
    },
    required: ["file", "sql"],
  },
  "guest:index:ObjectCounts": {
    type: "object",
    properties: {
      baseTables: { type: "integer" },
      views: { type: "integer" },
      foreignKeys: { type: "integer" },
    },
    required: ["baseTables", "views", "foreignKeys"],
  },
};

export type DatabaseOutputs = Omit<Imported, "objects" | "migrations"> & {
  counts: Imported["objects"];
  versions: Imported["migrations"];
};

/** A database filled from SQL files and verified object by object. */
export const database: Act<z.infer<typeof inputs>, DatabaseOutputs> = {
  token: "guest:index:Database",
  schema: {
    description:
      "Imports a schema, a seed and migrations into an empty MariaDB database through SSH, and verifies the result as a named set: tables, views that can be read, foreign keys, counters, character sets, an idempotent seed.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", "database", "schema", "seed", "objects", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection", "database", "schema", "seed", "objects"],
  },
  inputs,
  repeatedBy: ["schema", "seed", "migrations", "objects", "triggers"],
  perform: async (asked, { connections, signal, progress }) => {
    const target = targetOf(asked.connection);
    const machine = describeTarget(target);
    const request = {
      database: asked.database.name,
      schema: asked.schema,
      seed: asked.seed,
      migrations: asked.migrations,
      objects: asked.objects,
      server: machine,
    };
    readFiles(request);
    const {
      objects: counts,
      migrations: versions,
      ...imported
    } = await connections.use(target, signal, (connection) =>
      withSession(connection, asked.database, machine, signal, (session) =>
        importDatabase(session, request, progress),
      ),
    );
    return {
      id: `${asked.database.name}@${asked.connection.host}`,
      outputs: { counts, versions, ...imported },
    };
  },
};
