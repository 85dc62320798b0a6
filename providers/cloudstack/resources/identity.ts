/**
 * How an object is found again when the program was killed between asking for it and writing it down. Its name, or a
 * mark on it, is derived from the state that it belongs to, its place in the program and the object that it replaces:
 * the next update derives the same and finds it. A digest of the inputs tells whether it is what is wanted now.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { CreateContext, Predecessor, Properties } from "../../rpc/index.ts";

export interface Identity {
  /** The same for every try at this object; random when the engine did not say whose state this is. */
  key: string;
  /** Of the inputs. */
  digest: string;
  /** What ids of jobs are derived from: as `key`, but so long that nobody else has it. */
  seed: string;
}

/** Marks an object that the state knows; one without it may be what a past update left behind. */
export const keyTag = "pulumi:key";

/** The tag's value: that it is there is what counts, and so one call can mark many objects. */
export const recorded = "recorded";

/** The same, on an object whose name does not show whose it is, before the state knows it. */
export const begunTag = "pulumi:begun";

/** The tag's value on an object that the program has let go of. */
export const released = "released";

const keyLength = 6;
const digestLength = 4;

/** Where in which program an object belongs. */
export type Place = Pick<CreateContext<unknown, unknown>, "owner" | "urn" | "predecessor">;

export function identityOf({ owner, urn, predecessor }: Place, inputs: Properties): Identity {
  const place = owner && [owner, urn, predecessor.kind, "id" in predecessor ? predecessor.id : ""].join("\0");
  return {
    key: place === undefined ? randomText(keyLength) : digest(place, keyLength),
    digest: digest(JSON.stringify(sorted(inputs)), digestLength),
    seed: place === undefined ? randomUUID() : createHash("sha256").update(`${place}\0job`).digest("hex"),
  };
}

/** The id of the job in which this object is made for the n-th time: a UUID of version 8. */
export function jobIdOf({ seed }: Identity, command: string, attempt: number): string {
  const hex = createHash("sha256").update([seed, command, attempt].join("\0")).digest("hex");
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

export function mark({ key, digest: inputs }: Identity): string {
  return `${key}.${inputs}`;
}

/**
 * An object is marked when the state knows it: whoever is killed between the cloud's answer and the state finds it again.
 * A replacement that was asked for on the command line does not say what it replaces, so that all of an object's share
 * one key: what it replaces must not be taken for what was left behind, and is marked at once.
 */
export function marksOf(predecessor: Predecessor): { now: Record<string, string>; later: boolean } {
  return predecessor.kind === "hidden"
    ? { now: { [keyTag]: recorded }, later: false }
    : { now: {}, later: true };
}

const longestLabel = 63;
const suffixLength = keyLength + digestLength + 3;

/** The beginning of the names of all tries at this object: a host name by RFC 1123, from the resource's own name. */
export function nameStem(urn: string, { key }: Identity): string {
  const logical = urn.split("::").at(-1) ?? "";
  const label = logical
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, longestLabel - suffixLength - 1)
    .replace(/-+$/, "");
  return `${label || "instance"}-${key}`;
}

/** Ends at random: a host name of an instance that was destroyed but not expunged stays taken, unseen. */
export function freshName(stem: string, { digest: inputs }: Identity): string {
  return `${stem}${inputs}${randomText(3)}`;
}

export function nameHasDigest(stem: string, name: string, { digest: inputs }: Identity): boolean {
  return name.startsWith(stem + inputs);
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

function digest(text: string, length: number): string {
  return spell(createHash("sha256").update(text).digest(), length);
}

function randomText(length: number): string {
  return spell(randomBytes(length), length);
}

function spell(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join("");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
