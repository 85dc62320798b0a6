/** What clients need to reach the lab, as KEY=VALUE lines. */
import { Control, notRunning } from "../control/client.ts";
import { readKeys } from "../home.ts";
import type { Line } from "./line.ts";

export async function env({ home }: Line): Promise<number> {
  const status = await new Control(home).status();
  const keys = readKeys(home);
  if (!status || !keys) throw notRunning();
  console.log(`CLOUDSTACK_API_URL=${status.url}`);
  console.log(`CLOUDSTACK_API_KEY=${keys.apiKey}`);
  console.log(`CLOUDSTACK_SECRET_KEY=${keys.secretKey}`);
  return 0;
}
