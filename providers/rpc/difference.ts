/** What moved between two sets of properties, leaf by leaf, and what that costs. */
import { type Path, pathText } from "./paths.ts";
import type { ResourceSpec } from "./schema.ts";
import { Archive, Asset, isPlainObject, isUnknown, type Properties } from "./values.ts";

export interface Move {
  path: Path;
  /** The name of the property that holds it. */
  property: string;
  kind: "add" | "update" | "delete";
}

export interface Change extends Move {
  /** The resource is replaced because of it. */
  replace: boolean;
  /** The wish did not move: the object itself did, outside of the program. */
  drift?: boolean;
}

export interface Difference {
  changes: Change[];
  /** Delete the old object first: for what cannot exist twice. */
  deleteBeforeReplace?: boolean;
  /** What the change costs, for the person who reads the preview: "the instance is stopped and started". */
  costs?: string[];
}

/** Every leaf that differs. A value that is not known yet counts as different. */
export function movesBetween(olds: Readonly<Properties>, news: Readonly<Properties>): Move[] {
  const moves: Move[] = [];
  compareObjects(olds, news, [], moves);
  return moves;
}

/** What a diff is by default: properties declared `willReplaceOnChanges` replace, all others update. */
export function differenceOf(schema: ResourceSpec, moves: readonly Move[], updatable = true): Difference {
  return {
    changes: moves.map((move) => ({ ...move, replace: !updatable || replaces(schema, move.property) })),
  };
}

function replaces(schema: ResourceSpec, property: string): boolean {
  const spec = schema.inputProperties?.[property];
  return spec?.willReplaceOnChanges === true || spec?.replaceOnChanges === true;
}

function compareObjects(
  olds: Readonly<Properties>,
  news: Readonly<Properties>,
  path: Path,
  moves: Move[],
): void {
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compareValues(olds[key], news[key], [...path, key], moves);
  }
}

function compareValues(old: unknown, fresh: unknown, path: Path, moves: Move[]): void {
  if (old === fresh && !isUnknown(fresh)) return;
  if (old === undefined || fresh === undefined) {
    moves.push(moveAt(path, old === undefined ? "add" : "delete"));
  } else if (isPlainObject(old) && isPlainObject(fresh)) {
    compareObjects(old, fresh, path, moves);
  } else if (Array.isArray(old) && Array.isArray(fresh)) {
    compareLists(old, fresh, path, moves);
  } else if (!sameContent(old, fresh)) {
    moves.push(moveAt(path, "update"));
  }
}

function compareLists(old: readonly unknown[], fresh: readonly unknown[], path: Path, moves: Move[]): void {
  for (let index = 0; index < Math.max(old.length, fresh.length); index++) {
    compareValues(old[index], fresh[index], [...path, index], moves);
  }
}

/** Assets and archives are the same when their content is; where they come from may move. */
function sameContent(old: unknown, fresh: unknown): boolean {
  const bothAssets = old instanceof Asset && fresh instanceof Asset;
  const bothArchives = old instanceof Archive && fresh instanceof Archive;
  return (bothAssets || bothArchives) && old.hash !== undefined && old.hash === fresh.hash;
}

function moveAt(path: Path, kind: Move["kind"]): Move {
  return { path, property: String(path[0]), kind };
}

/** For messages: `userData`, `triggers["unit/oma-api.service"]`. */
export function moveText(move: Move): string {
  return pathText(move.path);
}
