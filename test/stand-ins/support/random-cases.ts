/** What every random plugin does alike: inputs, the id and state that come of them, and what moves cost. */
import type { Wire } from "../../provider/support/engine.ts";

export interface RandomCase {
  name: string;
  type: string;
  inputs: Wire;
  /** What the state holds besides the inputs; a function judges what was drawn. */
  state: Record<string, unknown>;
  id(state: Wire, source: string): unknown;
  secrets?: string[];
  /** New inputs that replace the object, each because of the property named. */
  replacedBy?: Record<string, Wire>;
  /** New inputs that mean the same. */
  sameAs?: Wire[];
}

const text = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
const characterState = {
  lower: true,
  upper: true,
  special: true,
  number: true,
  numeric: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
};
const count = (value: unknown, set: RegExp) => [...String(value)].filter((one) => set.test(one)).length;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const randomCases: RandomCase[] = [
  {
    name: "a password, all by default",
    type: "RandomPassword",
    inputs: { length: 20 },
    state: {
      ...characterState,
      __meta: '{"schema_version":"3"}',
      id: "none",
      result: text(/^[0-9A-Za-z!@#$%&*()\-_=+[\]{}<>:?]{20}$/),
      bcryptHash: text(/^\$2[ab]\$10\$[./A-Za-z0-9]{53}$/),
    },
    id: () => "none",
    secrets: ["bcryptHash", "result"],
    sameAs: [{ length: 20, special: true, lower: true, minUpper: 0, numeric: true }],
    replacedBy: {
      length: { length: 21 },
      special: { length: 20, special: false },
      numeric: { length: 20, numeric: false },
      minUpper: { length: 20, minUpper: 1 },
      overrideSpecial: { length: 20, overrideSpecial: "!" },
      keepers: { length: 20, keepers: { of: "new" } },
    },
  },
  {
    name: "a password of its own special characters, with minima",
    type: "RandomPassword",
    inputs: { length: 12, overrideSpecial: "_%", minSpecial: 3, minNumeric: 3, minUpper: 3, minLower: 3 },
    state: {
      ...characterState,
      __meta: '{"schema_version":"3"}',
      id: "none",
      minLower: 3,
      minUpper: 3,
      minNumeric: 3,
      minSpecial: 3,
      result: (value: unknown) =>
        count(value, /[_%]/) === 3 &&
        count(value, /\d/) === 3 &&
        count(value, /[A-Z]/) === 3 &&
        count(value, /[a-z]/) === 3,
      bcryptHash: text(/^\$2[ab]\$10\$/),
    },
    id: () => "none",
    secrets: ["bcryptHash", "result"],
  },
  {
    name: "a string without special characters",
    type: "RandomString",
    inputs: { length: 30, special: false, upper: false, keepers: { one: "1", two: "2" } },
    state: {
      ...characterState,
      __meta: '{"schema_version":"2"}',
      special: false,
      upper: false,
      id: text(/^[0-9a-z]{30}$/),
      result: text(/^[0-9a-z]{30}$/),
    },
    id: ({ result }) => result,
    sameAs: [{ length: 30, special: false, upper: false, keepers: { two: "2", one: "1" } }],
    replacedBy: {
      keepers: { length: 30, special: false, upper: false, keepers: { one: "1", two: "3" } },
      upper: { length: 30, special: false, keepers: { one: "1", two: "2" } },
    },
  },
  {
    name: "the old name of numeric",
    type: "RandomString",
    inputs: { length: 8, number: false },
    state: {
      ...characterState,
      __meta: '{"schema_version":"2"}',
      number: false,
      numeric: false,
      id: text(/^\D{8}$/),
      result: text(/^\D{8}$/),
    },
    id: ({ result }) => result,
    sameAs: [{ length: 8, numeric: false }],
    replacedBy: { numeric: { length: 8 } },
  },
  {
    name: "bytes",
    type: "RandomBytes",
    inputs: { length: 32 },
    state: { base64: text(/^[A-Za-z0-9+/]{43}=$/), hex: text(/^[0-9a-f]{64}$/) },
    // The official plugin shows the secret as the id; the stand-in does not.
    id: ({ base64 }, source) => (source === "official" ? base64 : "none"),
    secrets: ["base64", "hex"],
    replacedBy: { length: { length: 16 }, keepers: { length: 32, keepers: { of: "new" } } },
  },
  {
    name: "an id with a prefix",
    type: "RandomId",
    inputs: { byteLength: 8, prefix: "vm-" },
    state: {
      id: text(/^[A-Za-z0-9_-]{11}$/),
      b64Url: text(/^vm-[A-Za-z0-9_-]{11}$/),
      b64Std: text(/^vm-[A-Za-z0-9+/]{11}=$/),
      dec: text(/^vm-\d+$/),
      hex: text(/^vm-[0-9a-f]{16}$/),
    },
    id: ({ b64Url }) => String(b64Url).slice(3),
    replacedBy: { prefix: { byteLength: 8 }, byteLength: { byteLength: 9, prefix: "vm-" } },
  },
  {
    name: "a whole number",
    type: "RandomInteger",
    inputs: { min: -2, max: 2 },
    state: {
      id: text(/^-?[012]$/),
      result: (value: unknown) => Number.isInteger(value) && Math.abs(Number(value)) <= 2,
    },
    id: ({ result }) => String(result),
    replacedBy: { max: { min: -2, max: 3 }, seed: { min: -2, max: 2, seed: "s" } },
  },
  {
    name: "a pet",
    type: "RandomPet",
    inputs: { length: 3, prefix: "oma", separator: "_" },
    state: { id: text(/^oma_[a-z]+_[a-z]+_[a-z]+$/) },
    id: ({ id }) => id,
    replacedBy: { separator: { length: 3, prefix: "oma" } },
  },
  {
    name: "a pet by default",
    type: "RandomPet",
    inputs: {},
    state: { id: text(/^[a-z]+-[a-z]+$/), length: 2, separator: "-" },
    id: ({ id }) => id,
    sameAs: [{ length: 2 }, { separator: "-" }],
    replacedBy: { length: { length: 1 } },
  },
  {
    name: "a shuffled list",
    type: "RandomShuffle",
    inputs: { inputs: ["a", "b", "c", "d"] },
    state: {
      id: "-",
      results: (value: unknown) => Array.isArray(value) && value.toSorted().join("") === "abcd",
    },
    id: () => "-",
    replacedBy: {
      inputs: { inputs: ["a", "b", "c"] },
      resultCount: { inputs: ["a", "b", "c", "d"], resultCount: 2 },
    },
  },
  {
    name: "more results than items",
    type: "RandomShuffle",
    inputs: { inputs: ["a", "b"], resultCount: 5 },
    state: {
      id: "-",
      results: (value: unknown) =>
        Array.isArray(value) && /^(aabbb|aaabb)$/.test(value.toSorted().join("")) && value.length === 5,
    },
    id: () => "-",
  },
  {
    name: "a uuid",
    type: "RandomUuid",
    inputs: { keepers: { a: "b" } },
    state: { id: text(uuid), result: text(uuid) },
    id: ({ result }) => result,
    replacedBy: { keepers: {} },
  },
  {
    name: "a uuid of version 4",
    type: "RandomUuid4",
    inputs: {},
    state: { id: text(uuid), result: text(/^.{14}4/) },
    id: ({ result }) => result,
  },
  {
    name: "a uuid of version 7",
    type: "RandomUuid7",
    inputs: {},
    state: { id: text(uuid), result: text(/^.{14}7.{4}[89ab]/) },
    id: ({ result }) => result,
  },
];

/** Inputs that are refused before or when the object is made. */
export const refusedRandom: { type: string; inputs: Wire }[] = [
  { type: "RandomPassword", inputs: {} },
  { type: "RandomPassword", inputs: { length: 0 } },
  { type: "RandomPassword", inputs: { length: 3, minUpper: 2, minLower: 2 } },
  {
    type: "RandomPassword",
    inputs: { length: 3, upper: false, lower: false, numeric: false, special: false },
  },
  { type: "RandomPassword", inputs: { length: 3, number: true, numeric: false } },
  { type: "RandomBytes", inputs: { length: 0 } },
  { type: "RandomInteger", inputs: { min: 3, max: 2 } },
  { type: "RandomShuffle", inputs: {} },
];

export interface ImportCase {
  type: string;
  id: string;
  /** undefined: the plugins differ. */
  newId?: string;
  /** Part of the state. */
  state: Wire;
  /** A program that gets the object without a change. */
  program: Wire;
}

export const importCases: ImportCase[] = [
  {
    type: "RandomPassword",
    id: "an imported password",
    newId: "none",
    state: { result: "an imported password", length: 20, special: true, minLower: 0, numeric: true },
    program: { length: 20 },
  },
  {
    type: "RandomString",
    id: "imported",
    newId: "imported",
    state: { result: "imported", length: 8, upper: true },
    program: { length: 8 },
  },
  {
    type: "RandomBytes",
    id: "8/fu3q+2DcgSJ19i0jZ5Cw==",
    state: { hex: "f3f7eedeafb60dc812275f62d236790b", length: 16 },
    program: { length: 16 },
  },
  {
    type: "RandomId",
    id: "my,pre,p-9hUg",
    newId: "p-9hUg",
    state: {
      prefix: "my,pre",
      byteLength: 4,
      hex: "my,prea7ef6152",
      b64Url: "my,prep-9hUg",
      dec: "my,pre2817483090",
    },
    program: { byteLength: 4, prefix: "my,pre" },
  },
  {
    type: "RandomInteger",
    id: "15390,1,50000",
    newId: "15390",
    state: { result: 15390, min: 1, max: 50000 },
    program: { min: 1, max: 50000 },
  },
  {
    type: "RandomUuid",
    id: "aabbccdd-eeff-0011-2233-445566778899",
    newId: "aabbccdd-eeff-0011-2233-445566778899",
    state: { result: "aabbccdd-eeff-0011-2233-445566778899" },
    program: {},
  },
];

export function tokenOf(type: string): string {
  return `random:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;
}
