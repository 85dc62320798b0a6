/** Rows of a table by another key than their id; rebuilt when the state has moved. */
import type { TableName, Tables } from "./model.ts";
import type { Store } from "./store.ts";

interface Built {
  version: number;
  rows: Map<string, unknown[]>;
}

/** A lookup for one table and key; make it once, as a constant of its module. */
export function lookup<K extends TableName>(
  table: K,
  keyOf: (row: Tables[K]) => string,
): (store: Store, key: string) => readonly Tables[K][] {
  const built = new WeakMap<Store, Built>();
  return (store, key) => {
    let index = built.get(store);
    if (!index || index.version !== store.version || store.isChanging) {
      index = { version: store.version, rows: new Map() };
      for (const row of store.all(table)) {
        const rows = index.rows.get(keyOf(row));
        if (rows) rows.push(row);
        else index.rows.set(keyOf(row), [row]);
      }
      if (!store.isChanging) built.set(store, index);
    }
    return (index.rows.get(key) ?? []) as Tables[K][];
  };
}
