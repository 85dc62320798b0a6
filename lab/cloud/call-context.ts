/** Who calls, for as long as one request is worked on; housekeeping and jobs that go on later call as nobody. */
import { AsyncLocalStorage } from "node:async_hooks";
import { isRoot } from "./accounts.ts";
import type { Account, User } from "./model.ts";

export interface Caller {
  readonly account: Account;
  readonly user: User;
}

const callers = new AsyncLocalStorage<Caller | undefined>();

export function asCaller<T>(caller: Caller, work: () => T): T {
  return callers.run(caller, work);
}

export function asNobody<T>(work: () => T): T {
  return callers.run(undefined, work);
}

export function currentCaller(): Caller | undefined {
  return callers.getStore();
}

/** Whether all of an object is shown: what is the operator's affair is not for users. */
export function seesAll(): boolean {
  const caller = currentCaller();
  return caller === undefined || isRoot(caller.account);
}
