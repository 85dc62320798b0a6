/** Tags: CloudStack has no update, so what moved is deleted and made again. */
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { gathered } from "../client/gathering.ts";
import { perform, type Waiting } from "../client/jobs.ts";
import type { Parameters } from "../client/signature.ts";
import { keyTag, recorded } from "./identity.ts";

export type Tags = Readonly<Record<string, string>>;

/** CloudStack's names of what can be tagged. */
export type TaggedType =
  | "UserVm"
  | "Template"
  | "Network"
  | "PublicIpAddress"
  | "FirewallRule"
  | "PortForwardingRule"
  | "Volume"
  | "Snapshot"
  | "VMSnapshot"
  | "SecurityGroup";

export async function changeTags(
  cloud: CloudStack,
  type: TaggedType,
  id: string,
  olds: Tags,
  news: Tags,
  waiting: Waiting,
): Promise<void> {
  const gone = Object.keys(olds).filter((key) => olds[key] !== news[key]);
  const fresh = Object.keys(news).filter((key) => olds[key] !== news[key]);
  const about = { resourcetype: type, resourceids: id };
  if (gone.length > 0) {
    const keys = gone.map((key, index) => [`tags[${index}].key`, key]);
    await perform(cloud, "deleteTags", { ...about, ...Object.fromEntries(keys) }, waiting);
  }
  if (fresh.length > 0) {
    const picked = Object.fromEntries(fresh.map((key) => [key, news[key] ?? ""]));
    await perform(cloud, "createTags", { ...about, ...pairs("tags", picked) }, waiting);
  }
}

/**
 * Marks an object as one that the state knows. The engine writes down many objects at a time: one call marks them all.
 * Where it is refused because of one of them, each is marked for itself.
 */
export function markRecorded(
  cloud: CloudStack,
  type: TaggedType,
  id: string,
  waiting: Waiting,
): Promise<void> {
  const create = (ids: readonly string[]) =>
    perform(
      cloud,
      "createTags",
      { resourcetype: type, resourceids: ids.join(","), ...pairs("tags", { [keyTag]: recorded }) },
      waiting,
    );
  return gathered(cloud, `mark ${type}`, id, async (ids) => {
    try {
      await create(ids);
    } catch (error) {
      if (!isFault(error) || ids.length === 1) throw error;
      for (const each of ids) await create([each]).catch(() => undefined);
    }
    return ids.map(() => undefined);
  });
}

/** Of the provider's own marks those that are not there yet: their value means nothing. */
export function missingMarks(marks: Tags, there: Tags): Tags {
  return Object.fromEntries(Object.entries(marks).filter(([key]) => there[key] === undefined));
}

export function tagsOf(rows: readonly { key: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** Without the provider's own. */
export function visibleTags(rows: readonly { key: string; value: string }[]): Record<string, string> {
  return tagsOf(rows.filter(({ key }) => !key.startsWith("pulumi:")));
}

/** CloudStack's key and value form of a map. */
function pairs(name: string, map: Tags): Parameters {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value], index) => [
      [`${name}[${index}].key`, key],
      [`${name}[${index}].value`, value],
    ]),
  );
}

/** CloudStack's flat form of a map; a template reads index 0 only. */
export function flat(name: string, map: Tags): Parameters {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [`${name}[0].${key}`, value]));
}
