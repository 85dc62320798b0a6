/** Rows by their ids. What is asked for in the same moment goes into one call: a refresh of hundreds needs a few. */
import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { CloudStack } from "./client.ts";
import { isFault } from "./faults.ts";
import type { Parameters } from "./signature.ts";

export interface Listing<Row> {
  command: string;
  row: z.ZodType<Row>;
  /** Name of the parameter that takes one id; by default "id". */
  idParameter?: string;
  /** Name of the parameter that takes several ids, where the command has one. */
  idsParameter?: string;
  parameters?: Parameters;
}

interface Asked {
  id: string;
  resolve(row: unknown): void;
  reject(error: unknown): void;
}

/** Milliseconds in which calls are gathered; the engine asks for its objects side by side. */
const gathering = 15;

/** Ids of one call: within a POST body, but not so many that one answer takes long. */
const largestBatch = 100;

const open = new WeakMap<CloudStack, Map<string, Asked[]>>();

/** @returns undefined when there is no such object (any more) */
export function findRow<Row extends { id: string }>(
  cloud: CloudStack,
  listing: Listing<Row>,
  id: string,
): Promise<Row | undefined> {
  return new Promise((resolve, reject) => {
    const batches = open.get(cloud) ?? new Map<string, Asked[]>();
    open.set(cloud, batches);
    const key = JSON.stringify([listing.command, listing.parameters]);
    const asked: Asked = { id, resolve: resolve as Asked["resolve"], reject };
    const batch = batches.get(key);
    if (batch) {
      batch.push(asked);
      return;
    }
    const fresh = [asked];
    batches.set(key, fresh);
    void delay(gathering).then(() => {
      batches.delete(key);
      return answer(cloud, listing, fresh);
    });
  });
}

async function answer<Row extends { id: string }>(
  cloud: CloudStack,
  listing: Listing<Row>,
  batch: readonly Asked[],
): Promise<void> {
  const ids = [...new Set(batch.map(({ id }) => id))];
  for (let start = 0; start < ids.length; start += largestBatch) {
    const part = new Set(ids.slice(start, start + largestBatch));
    const asked = batch.filter(({ id }) => part.has(id));
    try {
      const rows = await rowsOf(cloud, listing, [...part]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const { id, resolve } of asked) resolve(byId.get(id));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

async function rowsOf<Row extends { id: string }>(
  cloud: CloudStack,
  listing: Listing<Row>,
  ids: readonly string[],
): Promise<Row[]> {
  const [only, ...more] = ids;
  if (only !== undefined && more.length === 0) return one(cloud, listing, only);
  // The deadline of one of those who asked is not the others': the request's own time-out holds.
  const { signal } = new AbortController();
  const { command, row, idsParameter, parameters } = listing;
  if (idsParameter === undefined) return cloud.list(command, row, { ...parameters }, signal);
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
    return await cloud.list(command, row, { ...parameters, [idParameter]: id }, new AbortController().signal);
  } catch (error) {
    // An id that the server never had is an invalid parameter to it.
    if (isFault(error, "invalid")) return [];
    throw error;
  }
}
