/** What an operator's tool meets in its test: programs in the place of the machine's, and a database of its own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TemporaryMariaDb } from "../../../toolchain/package/temporary-mariadb.ts";

/** A program of the machine, as a shell script, for whoever runs with `pathOf` that folder. */
export function program(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", name), `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n`, {
    mode: 0o755,
  });
}

export function pathOf(folder: string): string {
  return `${join(folder, "bin")}:${process.env.PATH ?? ""}`;
}

/** @param contents statements that fill the database, which holds nothing else */
export function freshDatabase(server: TemporaryMariaDb, contents: string): void {
  server.root(`
    DROP DATABASE IF EXISTS migratekit_oma;
    CREATE DATABASE migratekit_oma CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
    USE migratekit_oma;
    ${contents}`);
}
