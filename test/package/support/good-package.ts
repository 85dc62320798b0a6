/** A package without a fault, as the build report's own script would make it from a good machine. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { oma } from "../../../appliances/oma.ts";
import type { TemporaryMariaDb } from "../../../toolchain/package/temporary-mariadb.ts";
import { paths } from "../../../toolchain/project.ts";

const assets = join(paths.root, "assets", "oma");

/** A header of an ELF file for x86-64, and a version's name behind it. */
export function programOf(version: string): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46, 0);
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  return Buffer.concat([header, Buffer.from(`\0build ${version}\0`)]);
}

/** Structure as mariadb-dump writes it, dumped by the account that owns the database. */
function dump(server: TemporaryMariaDb): string {
  const database = oma.database?.name ?? "";
  server.root(`
    DROP DATABASE IF EXISTS ${database};
    CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
    CREATE OR REPLACE USER oma_user@localhost IDENTIFIED BY 'for-the-dump';
    GRANT ALL ON ${database}.* TO oma_user@localhost;`);
  const client = [`--socket=${server.socket}`, "--user=oma_user", "--password=for-the-dump"];
  execFileSync("mariadb", [...client, database], {
    input: readFileSync(join(assets, "database/schema.sql")),
  });
  return execFileSync(
    "mariadb-dump",
    [...client, "--no-data", "--single-transaction", "--skip-dump-date", database],
    {
      encoding: "utf8",
    },
  );
}

export function makeGoodPackage(folder: string, server: TemporaryMariaDb): void {
  for (const name of ["binaries", "database", "services", "scripts"])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "binaries/oma-api"), programOf("v2.28.0-credential-replacement-complete"));
  writeFileSync(join(folder, "binaries/volume-daemon"), programOf("v1.3.2-persistent-naming-fixed"));
  cpSync(join(assets, "demo/migration-gui.tar.gz"), join(folder, "binaries/migration-gui.tar.gz"));
  writeFileSync(join(folder, "database/schema-only.sql"), dump(server));
  cpSync(join(assets, "database/seed.sql"), join(folder, "database/initial-data.sql"));
  for (const name of ["oma-api", "volume-daemon", "migration-gui"]) {
    cpSync(join(assets, `units/${name}.service`), join(folder, `services/${name}.service`));
  }
  const wizard = join(assets, "../common/wizard");
  cpSync(join(wizard, "autologin.service"), join(folder, "services/oma-autologin.service"));
  cpSync(join(wizard, "setup-wizard.sh"), join(folder, "scripts/oma-setup-wizard.sh"));
  if (readdirSync(folder).length !== 4) throw new Error("the layout has four folders");
}
