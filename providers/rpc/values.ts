/**
 * Property values as handlers see them, and how they travel: plain JavaScript on this side; on the wire signature
 * objects for secrets and assets, and a sentinel string for what a preview cannot know.
 */
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { type Path, pathText } from "./paths.ts";

export type Properties = Record<string, unknown>;

class Unknown {
  toString(): string {
    return "(not known yet)";
  }
}

/** A value that is not known before the update runs. Compare with `isUnknown`. */
export const unknown: unknown = Object.freeze(new Unknown());

export function isUnknown(value: unknown): boolean {
  return value instanceof Unknown;
}

/** Whether a value holds something unknown at any depth. */
export function containsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isPlainObject(value) && Object.values(value).some(containsUnknown);
}

/** A file's content. Where the content itself is not sent (state of a past update), only the hash is there. */
export class Asset {
  readonly hash: string | undefined;
  readonly text: string | undefined;
  readonly path: string | undefined;
  readonly uri: string | undefined;

  constructor(parts: { hash?: string; text?: string; path?: string; uri?: string }) {
    this.hash = parts.hash;
    this.text = parts.text;
    this.path = parts.path;
    this.uri = parts.uri;
  }
}

/** A tree of files: a folder or archive file by path or URI, or assets by name. */
export class Archive {
  readonly hash: string | undefined;
  readonly path: string | undefined;
  readonly uri: string | undefined;
  readonly assets: Readonly<Record<string, Asset | Archive>> | undefined;

  constructor(parts: {
    hash?: string;
    path?: string;
    uri?: string;
    assets?: Record<string, Asset | Archive>;
  }) {
    this.hash = parts.hash;
    this.path = parts.path;
    this.uri = parts.uri;
    this.assets = parts.assets;
  }
}

/** Properties off the wire, and the paths in them that were secret. */
export interface Decoded {
  properties: Properties;
  secrets: Path[];
}

const signatureKey = "4dabf18193072939515e22adb298388d";
const signature = {
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;
const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
// The engine has a sentinel for each type; all mean the same here.
const unknownSentinels = new Set([
  unknownSentinel,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function decode(struct: structs.Struct | undefined): Decoded {
  const secrets: Path[] = [];
  const raw = struct?.toJavaScript() ?? {};
  return { properties: decodeObject(raw, [], secrets), secrets };
}

/**
 * @param secrets paths to wrap; where a path is not there (any more), the nearest value that holds it is wrapped, so
 * that a secret never loses its mark
 */
export function encode(properties: Readonly<Properties>, secrets: readonly Path[] = []): structs.Struct {
  const wanted = outermost(secrets.map((path) => existingPath(properties, path)));
  return structs.Struct.fromJavaScript(encodeObject(properties, [], wanted));
}

function decodeValue(value: unknown, path: Path, secrets: Path[]): unknown {
  if (typeof value === "string") return unknownSentinels.has(value) ? unknown : value;
  if (Array.isArray(value)) return value.map((item, index) => decodeValue(item, [...path, index], secrets));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  switch (object[signatureKey]) {
    case undefined:
      return decodeObject(object, path, secrets);
    case signature.secret:
      secrets.push(path);
      return decodeValue(object.value, path, []);
    case signature.output:
      if (object.secret === true) secrets.push(path);
      return "value" in object ? decodeValue(object.value, path, secrets) : unknown;
    case signature.resource:
      return "id" in object ? decodeValue(object.id, path, secrets) : object.urn;
    case signature.asset:
      return new Asset(object as ConstructorParameters<typeof Asset>[0]);
    case signature.archive:
      return decodeArchive(object, path, secrets);
    default:
      throw new Error(`a property value has the unknown signature ${String(object[signatureKey])}`);
  }
}

function decodeArchive(object: Record<string, unknown>, path: Path, secrets: Path[]): Archive {
  const { assets, ...rest } = object as { assets?: Record<string, unknown> };
  const named = assets && { assets: decodeObject(assets, path, secrets) as Record<string, Asset> };
  return new Archive({ ...rest, ...named });
}

/** A null property is an absent one; in lists a null keeps its place. */
function decodeObject(object: Record<string, unknown>, path: Path, secrets: Path[]): Properties {
  const decoded: Properties = {};
  for (const [key, value] of Object.entries(object)) {
    if (value !== null) decoded[key] = decodeValue(value, [...path, key], secrets);
  }
  return decoded;
}

type Wire = JavaScriptValue;

function encodeValue(value: unknown, path: Path, secrets: ReadonlySet<string>): Wire {
  if (secrets.size > 0 && secrets.has(pathText(path))) {
    return { [signatureKey]: signature.secret, value: encodeValue(value, path, new Set()) };
  }
  if (isUnknown(value)) return unknownSentinel;
  if (value === undefined) return null;
  if (value instanceof Asset) return encodeAsset(value);
  if (value instanceof Archive) return encodeArchive(value);
  if (Array.isArray(value)) return value.map((item, index) => encodeValue(item, [...path, index], secrets));
  if (isPlainObject(value)) return encodeObject(value, path, secrets);
  if (typeof value === "object" && value !== null) {
    throw new Error(
      `the property ${pathText(path)} holds a ${value.constructor.name}, which has no wire form`,
    );
  }
  return value as Wire;
}

function encodeObject(object: Readonly<Properties>, path: Path, secrets: ReadonlySet<string>) {
  const encoded: Record<string, Wire> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) encoded[key] = encodeValue(value, [...path, key], secrets);
  }
  return encoded;
}

function encodeAsset({ hash, text, path, uri }: Asset): Record<string, Wire> {
  return { [signatureKey]: signature.asset, ...given({ hash, text, path, uri }) };
}

function encodeArchive({ hash, path, uri, assets }: Archive): Record<string, Wire> {
  const inner = assets && { assets: encodeObject(assets, [], new Set()) };
  return { [signatureKey]: signature.archive, ...given({ hash, path, uri }), ...inner };
}

function given(parts: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

/** The path itself, or its longest beginning that is there. */
function existingPath(properties: Readonly<Properties>, path: Path): Path {
  let value: unknown = properties;
  for (const [depth, part] of path.entries()) {
    const inside = (value as Record<string | number, unknown> | undefined)?.[part];
    const walkable = Array.isArray(value) || isPlainObject(value);
    if (!walkable || inside === undefined) return path.slice(0, depth);
    value = inside;
  }
  return path;
}

function outermost(paths: readonly Path[]): Set<string> {
  return new Set(paths.filter((path) => path.length > 0).map(pathText));
}

export function isPlainObject(value: unknown): value is Properties {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
