/** A session with the machine's MariaDB through the SSH connection; the server needs no port beyond its loopback. */
import type { Duplex } from "node:stream";
import { createConnection } from "mysql2/promise";
import { Problem } from "../../../common/problem.ts";
import type { Row, Session } from "./inspect.ts";

export interface DatabaseAccess {
  name: string;
  user: string;
  password: string;
  /** As seen from the machine. */
  host: string;
  port: number;
}

/** What is needed of an SSH connection here. */
export interface Tunnel {
  forward(host: string, port: number): Promise<Duplex>;
}

/**
 * Runs work in one session and ends it.
 * @param machine for messages: "ossea-build@10.1.1.5:22"
 * @throws Problem when the server does not answer or refuses the login
 */
export async function withSession<T>(
  tunnel: Tunnel,
  access: DatabaseAccess,
  machine: string,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const stream = await tunnel.forward(access.host, access.port);
  const { name: database, user, password } = access;
  const connection = await createConnection({ stream, database, user, password, charset: "utf8mb4" }).catch(
    (cause: unknown) => {
      stream.destroy();
      throw new Problem({
        what: "cannot log in to the database",
        object: `${database} as ${user} at ${access.host}:${access.port} on ${machine}`,
        because: reasonOf(cause),
        next: `look at the account on the machine: sudo mariadb -e "SHOW GRANTS FOR '${user}'@'localhost'"`,
        cause,
      });
    },
  );
  // A connection that breaks between two statements tells the next one; without a listener it would end the process.
  connection.on("error", () => {});
  const onAbort = () => connection.destroy();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await work({
      query: async (sql, values = []) => {
        signal?.throwIfAborted();
        const [rows] = await connection.query(sql, [...values]);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    connection.destroy();
    stream.destroy();
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
