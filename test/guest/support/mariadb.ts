/** A real MariaDB server in a temporary folder, reachable on loopback and by its socket alone. */
import {
  hasMariaDb,
  startTemporaryMariaDb,
  type TemporaryMariaDb,
} from "../../../toolchain/package/temporary-mariadb.ts";
import { freePort } from "../../stand-ins/support/sshd.ts";

export interface MariaDb extends TemporaryMariaDb {
  port: number;
}

export async function startMariaDb(): Promise<MariaDb> {
  if (!hasMariaDb()) throw new Error("these tests need MariaDB: apt-get install mariadb-server");
  const port = await freePort();
  return { ...(await startTemporaryMariaDb(port)), port };
}
