/** usage: node call.ts COMMAND name=value... : one command of the environment's cloud, its job waited for; prints JSON. */
import { perform } from "../../providers/cloudstack/client/jobs.ts";
import { labClient, signal } from "./lab.ts";

const [command = "", ...pairs] = process.argv.slice(2);
const parameters = Object.fromEntries(
  pairs.map((pair): [string, string] => [
    pair.slice(0, pair.indexOf("=")),
    pair.slice(pair.indexOf("=") + 1),
  ]),
);
const cloud = labClient();
const answer = command.startsWith("list")
  ? firstRow(await cloud.call(command, parameters, signal))
  : firstObject(await perform(cloud, command, parameters, { signal, limitSeconds: 600 }));
process.stdout.write(`${JSON.stringify(answer)}\n`);

/** Only what the script reads: the object's own id must be the one that it finds. */
function picked(object: Record<string, unknown>) {
  const { id, publicip } = object;
  return { id, ...(publicip !== undefined && { publicip }) };
}

function firstRow(result: Record<string, unknown>) {
  return picked((Object.values(result).find(Array.isArray) ?? [])[0]);
}

function firstObject(result: Record<string, unknown> | undefined) {
  const object = Object.values(result ?? {}).find((value) => typeof value === "object" && value !== null);
  return picked((object ?? {}) as Record<string, unknown>);
}
