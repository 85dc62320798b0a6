/** What is read of a package before its rules are asked. */
import type { DatabaseObjects } from "../../appliances/types.ts";
import type { KnownBad } from "../../common/artifact-manifest.ts";
import type { Archive } from "./archive.ts";
import type { Binary } from "./binaries.ts";
import type { Trial } from "./database-trial.ts";
import type { Entry } from "./folder.ts";
import type { Fault } from "./rule.ts";
import type { SqlText } from "./sql-text.ts";
import type { UnitFile } from "./unit-files.ts";

export interface Subject {
  /** Everything below the folder. */
  entries: readonly Entry[];
  /** Text files by path. */
  texts: ReadonlyMap<string, string>;
  binaries: readonly Binary[];
  /** undefined when there is none. */
  gui: Archive | undefined;
  /** Schema, seed and the package's own migrations, as far as they are there. */
  sql: readonly SqlText[];
  /** What a real server made of the SQL; undefined where there is none to ask. */
  trial: Trial | undefined;
  units: readonly UnitFile[];
  /** Script -> what bash says about its syntax; "" when nothing. */
  syntax: ReadonlyMap<string, string>;
  /** What could not be looked at, and why. */
  unseen: readonly Fault[];
  /** What the appliance wants. */
  wanted: Wanted;
}

export interface Wanted {
  /** Files that a package must have, by path. */
  files: readonly string[];
  /** Folders and files that it may have besides, by the beginning of their paths. */
  allowed: readonly string[];
  knownBad: readonly KnownBad[];
  objects: DatabaseObjects;
  /** Tables that migrations make, so that the schema need not. */
  migratedTables: readonly string[];
  /** "oma_user@localhost". */
  databaseAccount: string;
  /** Who may be a unit's user. */
  users: readonly string[];
  /** Where the appliance puts programs. */
  programs: readonly string[];
}
