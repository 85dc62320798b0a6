/** Which commands this key's role can call: one look for the life of the provider. */
import * as answers from "./answers.ts";
import type { CloudStack } from "./client.ts";

const known = new WeakMap<CloudStack, Promise<ReadonlySet<string>>>();

export function apisOf(cloud: CloudStack, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const there = known.get(cloud);
  if (there) return there;
  const asked = ask(cloud, signal);
  known.set(cloud, asked);
  asked.catch(() => known.delete(cloud));
  return asked;
}

async function ask(cloud: CloudStack, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const answer = await cloud.call("listApis", {}, signal);
  const rows = Object.values(answer).find(Array.isArray) ?? [];
  return new Set(rows.map((row) => answers.api.parse(row).name));
}
