/** The recorded exchanges, in the order in which they happened. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Exchange {
  /** Starts with the number of its file. */
  name: string;
  note?: string;
  method: "GET" | "POST";
  params: Record<string, string>;
  status: number;
  headers: Record<string, string>;
  /** JSON, or the text of anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: the wire's edge; tests look at single fields
  body: any;
}

export const exchanges: readonly Exchange[] = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8")) as Exchange[]);
