/**
 * Parameters as data: what a command takes, how a value is read, and in which words it is refused. Names are matched
 * without regard to case, as on the server; maps arrive as name[index].key=value.
 */
import { ApiError, parameterFault } from "../cloud/failure.ts";
import type { Row, TableName } from "../cloud/model.ts";
import type { Store } from "../cloud/store.ts";

export type ParameterType = "string" | "boolean" | "integer" | "long" | "uuid" | "list" | "map" | "date";

/** Where a value is read: for error texts and for looking up ids. */
export interface Place {
  /** Lower case, as error texts give it. */
  command: string;
  parameter: string;
  store: Store;
}

export interface Parameter<T, Required extends boolean = boolean> {
  readonly type: ParameterType;
  readonly description: string;
  /** Read and checked, but of no consequence; or refused whatever it says. Without a word it does what it should. */
  readonly support?: "without effect" | "refused";
  readonly isRequired: Required;
  /** Longest value in characters. */
  readonly length: number;
  readonly readText: ((text: string, place: Place) => T | undefined) | undefined;
  readonly readMap: ((entries: MapEntries, place: Place) => T | undefined) | undefined;
  required(): Parameter<T, true>;
}

/** One map for each index, lowest index first; keys keep their case. */
export type MapEntries = readonly Readonly<Record<string, string>>[];

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T, infer Required>
    ? true extends Required
      ? false extends Required
        ? T | undefined
        : T
      : T | undefined
    : never;
};

const defaultLength = 255;

interface TextOptions {
  length?: number;
  /** Throws the rest of the sentence when the text is not acceptable. */
  check?: (text: string, place: Place) => void;
}

export function text(description: string, options: TextOptions = {}): Parameter<string, false> {
  return parameter("string", description, options.length ?? defaultLength, (value, place) => {
    options.check?.(value, place);
    return value;
  });
}

/** Anything but "true" is false, as Java reads it. */
export function flag(description: string): Parameter<boolean, false> {
  return parameter("boolean", description, defaultLength, (value) => value.toLowerCase() === "true");
}

/** An empty integer is as good as none. */
export function integer(description: string): Parameter<number, false> {
  return parameter("integer", description, defaultLength, (value, place) =>
    value === "" ? undefined : wholeNumber(value, place),
  );
}

export function long(description: string): Parameter<number, false> {
  return parameter("long", description, defaultLength, wholeNumber);
}

/** The id of a row: a UUID, or the internal number that old clients send. Removed rows pass; -1 passes as it is. */
export function uuid(table: TableName, description: string): Parameter<string, false> {
  return parameter("uuid", description, defaultLength, (value, place) => knownId(table, value, place));
}

export function uuids(table: TableName, description: string): Parameter<readonly string[], false> {
  return parameter("list", description, defaultLength * 100, (value, place) =>
    tokens(value).map((token) => knownId(table, token, place)),
  );
}

export function list(description: string): Parameter<readonly string[], false> {
  return parameter("list", description, defaultLength * 100, tokens);
}

/** yyyy-MM-dd, yyyy-MM-dd HH:mm:ss, or with a zone. */
export function date(description: string): Parameter<Date, false> {
  return parameter("date", description, defaultLength, (value, place) => {
    const parsed = new Date(
      /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(value) ? `${value.replace(" ", "T")}Z` : value,
    );
    const moment = Number.isNaN(parsed.getTime()) ? new Date(value) : parsed;
    if (Number.isNaN(moment.getTime())) {
      throw parameterFault(
        `Unable to parse date ${value} for command ${place.command}, please pass dates in the format mentioned in the api documentation`,
      );
    }
    return moment;
  });
}

/** details[0].key=value, all indexes together: instances. */
export function details(description: string): Parameter<Readonly<Record<string, string>>, false> {
  return mapParameter(description, (entries) => Object.assign({}, ...entries) as Record<string, string>);
}

/** details[0].key=value, the first index alone; the server drops the others without a word: templates. */
export function firstDetails(description: string): Parameter<Readonly<Record<string, string>>, false> {
  return mapParameter(description, (entries) => entries[0] ?? {});
}

export interface KeyValue {
  readonly key: string;
  readonly value: string | undefined;
}

/** tags[0].key=k&tags[0].value=v */
export function keyValues(description: string): Parameter<readonly KeyValue[], false> {
  return mapParameter(description, (entries, place) =>
    entries.map((entry) => {
      const lower = lowered(entry);
      if (!lower.key)
        throw parameterFault(
          `Unable to execute API command ${place.command} due to invalid value. tags: a key is missing`,
        );
      return { key: lower.key, value: lower.value };
    }),
  );
}

/** iptonetworklist[0].networkid=N&iptonetworklist[0].ip=A */
export function networkAddresses(
  description: string,
): Parameter<readonly { networkId: string; ipAddress: string | undefined }[], false> {
  return mapParameter(description, (entries, place) =>
    entries.map((entry) => {
      const { networkid, ip } = lowered(entry);
      if (!networkid) throw invalid(place, `${place.parameter}: a networkid is missing`);
      return { networkId: knownId("networks", networkid, place), ipAddress: ip || undefined };
    }),
  );
}

function lowered(entry: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value]));
}

/** Reads all that a command declares, in its order; what it does not declare is not looked at. */
export function readParameters<P extends Parameters>(
  declared: P,
  given: ReadonlyMap<string, string>,
  command: string,
  store: Store,
): Values<P> {
  const { texts, maps } = unpack(given);
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const place = { command: command.toLowerCase(), parameter: name, store };
    const value = readOne(parameter, texts.get(name), maps.get(name), place);
    if (value === undefined && parameter.isRequired) {
      throw parameterFault(`Unable to execute API command ${place.command} due to missing parameter ${name}`);
    }
    values[name] = value;
  }
  return values as Values<P>;
}

function readOne(
  parameter: Parameter<unknown>,
  value: string | undefined,
  entries: MapEntries | undefined,
  place: Place,
): unknown {
  if (parameter.readMap && (entries || !parameter.readText))
    return entries && parameter.readMap(entries, place);
  if (value === undefined || (value === "" && parameter.isRequired)) return undefined;
  if (value.length > parameter.length) {
    throw invalid(
      place,
      `Value greater than max allowed length ${parameter.length} for param: ${place.parameter}`,
    );
  }
  return parameter.readText?.(value, place);
}

export function invalid(place: Place, text: string): ApiError {
  return parameterFault(`Unable to execute API command ${place.command} due to invalid value. ${text}`);
}

function unpack(given: ReadonlyMap<string, string>): {
  texts: Map<string, string>;
  maps: Map<string, MapEntries>;
} {
  const texts = new Map<string, string>();
  const indexed = new Map<string, Map<number, Record<string, string>>>();
  for (const [name, value] of given) {
    if (!name.includes("[")) {
      texts.set(name.toLowerCase(), value);
      continue;
    }
    const match = /^([^[\]]+)\[(\d+)\]\.(.+)$/.exec(name);
    const [, base, index, key] = match ?? [];
    if (base === undefined || index === undefined || key === undefined) {
      throw new ApiError(
        430,
        `Unable to decode parameter ${name}; if specifying an object array, please use parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup`,
        9999,
      );
    }
    const entries = indexed.get(base.toLowerCase()) ?? new Map<number, Record<string, string>>();
    const entry = entries.get(Number(index)) ?? Object.create(null);
    entry[key] = value;
    entries.set(Number(index), entry);
    indexed.set(base.toLowerCase(), entries);
  }
  const maps = new Map<string, MapEntries>();
  for (const [base, entries] of indexed) {
    maps.set(
      base,
      [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry),
    );
  }
  return { texts, maps };
}

function knownId(table: TableName, value: string, place: Place): string {
  if (value === "-1") return value;
  if (place.store.get(table, value)) return value;
  const tombstone = place.store.get("tombstones", value);
  if (tombstone?.table === table) return value;
  if (/^\d+$/.test(value)) {
    const byNumber = place.store.find(table, (row: Row) => row.number === Number(value));
    if (byNumber) return byNumber.id;
  }
  throw invalid(
    place,
    `Invalid parameter ${place.parameter} value=${value} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
  );
}

function wholeNumber(value: string, place: Place): number {
  const number = Number(value);
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw parameterFault(
      `Unable to execute API command ${place.command} due to invalid value ${value} for parameter ${place.parameter}`,
    );
  }
  return number;
}

function tokens(value: string): string[] {
  return value
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "");
}

/** For what the server takes and the lab, having no such thing, takes too: nothing depends on it. */
export function withoutEffect<T, Required extends boolean>(
  parameter: Parameter<T, Required>,
): Parameter<T, Required> {
  return { ...parameter, support: "without effect" };
}

function parameter<T>(
  type: ParameterType,
  description: string,
  length: number,
  readText: (text: string, place: Place) => T | undefined,
): Parameter<T, false> {
  return withRequired({ type, description, length, readText, readMap: undefined });
}

function mapParameter<T>(
  description: string,
  readMap: (entries: MapEntries, place: Place) => T | undefined,
): Parameter<T, false> {
  return withRequired({ type: "map", description, length: defaultLength, readText: undefined, readMap });
}

function withRequired<T>(parts: Omit<Parameter<T>, "isRequired" | "required">): Parameter<T, false> {
  return {
    ...parts,
    isRequired: false,
    required: () => {
      const needed: Parameter<T, true> = { ...parts, isRequired: true, required: () => needed };
      return needed;
    },
  };
}
