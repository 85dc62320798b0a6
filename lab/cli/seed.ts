/** Ids that repeat: with the same seed, the same requests in the same order make things with the same ids. */
import { Control } from "../control/client.ts";
import type { Line } from "./line.ts";

export async function seed({ home, args }: Line): Promise<number> {
  const control = new Control(home);
  const [word] = args;
  if (word !== undefined) await control.setSeed(word === "--off" ? null : word);
  const now = await control.seed();
  console.log(now === null ? "ids follow from nothing" : `ids follow from ${now}`);
  return 0;
}
