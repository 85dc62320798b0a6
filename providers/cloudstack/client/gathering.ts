/** Calls that are made in the same moment for many objects, and become one. */
import { setTimeout as delay } from "node:timers/promises";
import type { CloudStack } from "./client.ts";
import { jobsUnderWay } from "./jobs.ts";

interface Asked<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Milliseconds in which calls are gathered; the engine works on its resources side by side. The more of them wait for a
 * job, the more calls are to come, and the less a moment matters.
 */
const gathering = 30;
const gatheringForEachJob = 30;
const longestGathering = 300;

const open = new WeakMap<CloudStack, Map<string, Asked<never, never>[]>>();

/** Of the last calls of each key: while one is under way, the next one gathers. */
const underWay = new WeakMap<CloudStack, Map<string, Promise<unknown>>>();

/**
 * @param key calls of the same key are gathered
 * @param work gets all items of a moment, and gives a result for each
 */
export function gathered<Item, Result>(
  cloud: CloudStack,
  key: string,
  item: Item,
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const batches = (open.get(cloud) ?? new Map()) as Map<string, Asked<Item, Result>[]>;
    open.set(cloud, batches as unknown as Map<string, Asked<never, never>[]>);
    const asked = { item, resolve, reject };
    const batch = batches.get(key);
    if (batch) {
      batch.push(asked);
      return;
    }
    const fresh: Asked<Item, Result>[] = [asked];
    batches.set(key, fresh);
    const more = gatheringForEachJob * jobsUnderWay(cloud);
    const running = underWay.get(cloud) ?? new Map<string, Promise<unknown>>();
    underWay.set(cloud, running);
    void delay(Math.min(longestGathering, gathering + more))
      .then(() => running.get(key))
      .then(() => {
        batches.delete(key);
        const call = work(fresh.map((each) => each.item));
        const ended = call.then(
          () => undefined,
          () => undefined,
        );
        running.set(key, ended);
        return call;
      })
      .then(
        (results) => {
          for (const [index, each] of fresh.entries()) each.resolve(results[index] as Result);
        },
        (error: unknown) => {
          for (const each of fresh) each.reject(error);
        },
      );
  });
}
