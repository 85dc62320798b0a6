/**
 * A recorded answer beside the lab's. Ids, moments, row numbers and given addresses are other ones in every cloud: they
 * must stand in the same places, and an id once met stands for the same thing from then on. Everything else is equal,
 * lists in any order, or is told.
 */

export interface Mismatch {
  /** "virtualmachine.cpunumber" */
  readonly place: string;
  readonly kind: "absent" | "extra" | "other";
  readonly recorded: unknown;
  readonly given: unknown;
}

/** What is what: of the recorded cloud and of the lab. */
export class Bindings {
  readonly #given = new Map<string, string>();
  readonly #recorded = new Map<string, string>();

  copy(): Bindings {
    const copy = new Bindings();
    for (const [recorded, given] of this.#given) copy.bind(recorded, given);
    return copy;
  }

  /** False where one of the two stands for something else. */
  bind(recorded: string, given: string): boolean {
    const known = this.#given.get(recorded);
    if (known !== undefined) return known === given;
    if (this.#recorded.has(given)) return false;
    this.#given.set(recorded, given);
    this.#recorded.set(given, recorded);
    return true;
  }

  given(recorded: string): string | undefined {
    return this.#given.get(recorded);
  }

  /** A recorded text with the lab's ids in it. */
  inLab(text: string): string {
    return text.replace(uuids, (id) => this.#given.get(id) ?? id);
  }
}

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const uuids = new RegExp(uuid, "g");

/** What is bound, and what must only look alike. The first group of each is the part that moves. */
const moving: readonly { pattern: string; as: string; binds: boolean }[] = [
  { pattern: `(${uuid})`, as: `(${uuid})`, binds: true },
  {
    pattern: "(?<![0-9a-f:])((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?![0-9a-f:])",
    as: "((?:[0-9a-f]{2}:){5}[0-9a-f]{2})",
    binds: true,
  },
  {
    pattern: "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0000)",
    as: "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0000)",
    binds: false,
  },
  { pattern: "(?<=_)(\\d{14})", as: "(\\d{14})", binds: false },
  // Row numbers: of disks and machines by name, and in the texts of errors.
  {
    pattern: '(?<=ROOT-|DATA-|i-2-|"id":|"instanceId":|"networkId":|"volumeId":|\\bid=|\\bID=|id \\[)(\\d+)',
    as: "(\\d+)",
    binds: false,
  },
  // The domain of an account's networks has the account's number in it.
  { pattern: "(?<=\\bcs)([0-9a-f]+)(?=cloud\\.internal)", as: "([0-9a-f]+)", binds: false },
  { pattern: '(?<="uniqueName":")(\\d+-\\d+)', as: "(\\d+-\\d+)", binds: false },
  { pattern: "(?<=vlan://)(\\d+)", as: "(\\d+|untagged)", binds: false },
  // A user's machine: its account's number is in the name.
  { pattern: "(?<=\\bi-)(\\d+-\\d+)(?=-VM)", as: "(\\d+-\\d+)", binds: false },
];
const anyMoving = new RegExp(moving.map(({ pattern }) => pattern).join("|"), "g");

/** What the cloud chooses: both must look like this. */
const address = /^\d{1,3}(\.\d{1,3}){3}$/;
const chosen: Readonly<Record<string, RegExp>> = {
  ipaddress: address,
  publicip: address,
  vmipaddress: address,
  vmguestip: address,
  vlan: /^(\d+|untagged)$/,
  fingerprint: /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/,
};

export function compare(
  recorded: unknown,
  given: unknown,
  bindings: Bindings,
  object = "",
  field = "",
): Mismatch[] {
  const place = field === "" ? object : `${object}.${field}`;
  if (Array.isArray(recorded) && Array.isArray(given)) {
    return compareLists(recorded, given, bindings, object, field);
  }
  if (isObject(recorded) && isObject(given)) {
    return compareObjects(recorded, given, bindings, field === "" ? object : field);
  }
  if (typeof recorded === "string" && typeof given === "string") {
    if (sameText(recorded, given, bindings, field)) return [];
  } else if (recorded === given) return [];
  return [{ place, kind: "other", recorded, given }];
}

function compareObjects(
  recorded: Record<string, unknown>,
  given: Record<string, unknown>,
  bindings: Bindings,
  object: string,
): Mismatch[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(given)])];
  return names.flatMap((name): Mismatch[] => {
    const [left, right] = [recorded[name], given[name]];
    const place = `${object}.${name}`;
    if (right === undefined) return [{ place, kind: "absent", recorded: left, given: right }];
    if (left === undefined) return [{ place, kind: "extra", recorded: left, given: right }];
    return compare(left, right, bindings, object, name);
  });
}

/** The most alike find each other first. */
function compareLists(
  recorded: readonly unknown[],
  given: readonly unknown[],
  bindings: Bindings,
  object: string,
  field: string,
): Mismatch[] {
  const place = `${object}.${field}`;
  const left = [...recorded];
  const right = [...given];
  const mismatches: Mismatch[] = [];
  while (left.length > 0 && right.length > 0) {
    const [element, other] = mostAlike(left, right, bindings, object, field);
    mismatches.push(...compare(element, other, bindings, object, field));
    left.splice(left.indexOf(element), 1);
    right.splice(right.indexOf(other), 1);
  }
  for (const element of left) mismatches.push({ place, kind: "absent", recorded: element, given: undefined });
  for (const other of right) mismatches.push({ place, kind: "extra", recorded: undefined, given: other });
  return mismatches;
}

function mostAlike(
  left: readonly unknown[],
  right: readonly unknown[],
  bindings: Bindings,
  object: string,
  field: string,
): [unknown, unknown] {
  let best: { pair: [unknown, unknown]; unlike: number } | undefined;
  for (const element of left) {
    for (const other of right) {
      const unlike = compare(element, other, bindings.copy(), object, field).length;
      if (unlike === 0) return [element, other];
      if (best === undefined || unlike < best.unlike) best = { pair: [element, other], unlike };
    }
  }
  if (!best) throw new Error("two empty lists");
  return best.pair;
}

function sameText(recorded: string, given: string, bindings: Bindings, field: string): boolean {
  if (chosen[field]?.test(recorded) && chosen[field].test(given)) return true;
  const bound: string[] = [];
  let source = "";
  let end = 0;
  for (const match of recorded.matchAll(anyMoving)) {
    const which = match.slice(1).findIndex((group) => group !== undefined);
    const form = moving[which];
    if (!form) continue;
    source += escaped(recorded.slice(end, match.index)) + form.as;
    bound.push(form.binds ? match[0] : "");
    end = match.index + match[0].length;
  }
  const found = new RegExp(`^${source}${escaped(recorded.slice(end))}$`, "s").exec(given);
  if (!found) return false;
  return bound.every((token, index) => token === "" || bindings.bind(token, found[index + 1] ?? ""));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An XML answer as the tree that a JSON one is; an element that stands several times is a list. */
export function treeOfXml(xml: string): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const [, name = "", attributes = "", content = ""] of xml.matchAll(
    /<([A-Za-z][\w.:-]*)((?: [^>]*)?)>(.*?)<\/\1>/gs,
  )) {
    const inner = content.startsWith("<") ? treeOfXml(content) : content;
    const value = attributes === "" ? inner : { attributes, ...(isObject(inner) ? inner : { inner }) };
    const before = tree[name];
    tree[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return tree;
}
