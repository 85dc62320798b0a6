/** Rows by their ids, and by other things: a refresh of hundreds of objects needs a few calls. */
import type { z } from "zod";
import type { CloudStack } from "./client.ts";
import { isFault } from "./faults.ts";
import { gathered } from "./gathering.ts";
import type { Parameters } from "./signature.ts";

export interface Listing<Row> {
  command: string;
  row: z.ZodType<Row>;
  /** Name of the parameter that takes one id; by default "id". */
  idParameter?: string;
  /** Name of the parameter that takes several ids, where the command has one. */
  idsParameter?: string;
  parameters?: Parameters;
  /** One row of several that the list has of one object, where it has one for each zone. */
  merged?(rows: readonly [Row, ...Row[]]): Row;
}

/** Ids of one call: within a POST body, but not so many that one answer takes long. */
const largestBatch = 100;

/** Up to so many are asked one by one, where the only other way is to list everything: a page holds 500 rows. */
const fewEnough = 1;

/** The deadline of one of those who asked is not the others': the request's own time-out holds. */
const { signal } = new AbortController();

/** @returns undefined when there is no such object (any more) */
export function findRow<Row extends { id: string }>(
  cloud: CloudStack,
  listing: Listing<Row>,
  id: string,
): Promise<Row | undefined> {
  const key = JSON.stringify([listing.command, listing.parameters]);
  return gathered(cloud, key, id, async (asked) => {
    const ids = [...new Set(asked)];
    const found = await rowsOf(cloud, listing, ids);
    const seen = new Set(found.map((row) => row.id));
    const missing = ids.length > 1 ? ids.filter((each) => !seen.has(each)) : [];
    // A list shows what belongs to the caller; what is another account's, an administrator sees by its id alone.
    const alone = await Promise.all(missing.map((each) => one(cloud, listing, each)));
    const byId = Map.groupBy([...found, ...alone.flat()], (row) => row.id);
    return asked.map((each) => mergedOf(listing, byId.get(each)));
  });
}

function mergedOf<Row>({ merged }: Listing<Row>, rows: readonly Row[] = []): Row | undefined {
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  return merged ? merged([first, ...others]) : first;
}

/** The rows that `belongs` to each of the items: few are asked for one by one, for many all rows are listed. */
export function findAll<Row>(
  cloud: CloudStack,
  listing: Listing<Row>,
  item: string,
  one: (item: string) => Parameters,
  belongs: (row: Row, item: string) => boolean,
): Promise<Row[]> {
  const { command, row, parameters } = listing;
  const key = JSON.stringify([command, parameters, Object.keys(one(""))]);
  return gathered(cloud, key, item, async (items) => {
    const asked = [...new Set(items)];
    const rows =
      asked.length > fewEnough
        ? await cloud.list(command, row, { ...parameters }, signal)
        : (
            await Promise.all(
              asked.map((each) => cloud.list(command, row, { ...parameters, ...one(each) }, signal)),
            )
          ).flat();
    return items.map((each) => rows.filter((found) => belongs(found, each)));
  });
}

async function rowsOf<Row>(cloud: CloudStack, listing: Listing<Row>, ids: readonly string[]): Promise<Row[]> {
  const { command, row, idsParameter, parameters } = listing;
  if (ids.length === 1 || (idsParameter === undefined && ids.length <= fewEnough)) {
    return (await Promise.all(ids.map((id) => one(cloud, listing, id)))).flat();
  }
  if (idsParameter === undefined) return cloud.list(command, row, { ...parameters }, signal);
  const parts = Array.from({ length: Math.ceil(ids.length / largestBatch) }, (_, index) =>
    ids.slice(index * largestBatch, (index + 1) * largestBatch),
  );
  const found = await Promise.all(parts.map((part) => several(cloud, listing, idsParameter, part)));
  return found.flat();
}

async function several<Row>(
  cloud: CloudStack,
  listing: Listing<Row>,
  idsParameter: string,
  ids: readonly string[],
): Promise<Row[]> {
  const { command, row, parameters } = listing;
  try {
    return await cloud.list(command, row, { ...parameters, [idsParameter]: ids.join(",") }, signal);
  } catch (error) {
    // One id that the server never had makes it refuse all of them.
    if (!isFault(error, "invalid")) throw error;
    return (await Promise.all(ids.map((id) => one(cloud, listing, id)))).flat();
  }
}

async function one<Row>(
  cloud: CloudStack,
  { command, row, idParameter = "id", parameters }: Listing<Row>,
  id: string,
): Promise<Row[]> {
  try {
    return await cloud.list(command, row, { ...parameters, [idParameter]: id }, signal);
  } catch (error) {
    // An id that the server never had is an invalid parameter to it.
    if (isFault(error, "invalid")) return [];
    throw error;
  }
}
