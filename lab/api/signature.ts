/**
 * Who calls. The signature covers every parameter but itself: names sorted by byte order before anything is
 * lower-cased, values encoded as Java does it (so ~ is escaped and * is not), the whole lower-cased, HMAC-SHA1.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Keys {
  apiKey: string;
  secretKey: string;
}

/** False for every flaw: the server tells none of them apart. */
export function isSigned(parameters: ReadonlyMap<string, string>, keys: Keys, now = new Date()): boolean {
  const signed = [...parameters].filter(([name]) => name.toLowerCase() !== "signature");
  const signature = parameter(parameters, "signature");
  if (signature === undefined || parameter(parameters, "apikey") !== keys.apiKey) return false;
  if (isExpired(parameters, now)) return false;
  const given = Buffer.from(signature);
  const expected = Buffer.from(signatureOf(signed, keys.secretKey));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function signatureOf(parameters: readonly (readonly [string, string])[], secretKey: string): string {
  const text = [...parameters]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${name}=${javaEncode(value)}`)
    .join("&")
    .toLowerCase();
  return createHmac("sha1", secretKey).update(text).digest("base64");
}

/** java.net.URLEncoder with + as %20. */
export function javaEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()~]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Only signatures of version 3 expire.
 * @param farthest seconds that they may hold at most, where the server minds it (enforce.post.requests.and.timestamps)
 */
export function isExpired(
  parameters: ReadonlyMap<string, string>,
  now: Date,
  farthest = Number.POSITIVE_INFINITY,
): boolean {
  if (parameter(parameters, "signatureversion") !== "3") return false;
  const left = (momentOf(parameter(parameters, "expires")) - now.getTime()) / 1000;
  return !(left > 0 && left <= farthest);
}

function parameter(parameters: ReadonlyMap<string, string>, wanted: string): string | undefined {
  return [...parameters].find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** yyyy-MM-ddTHH:mm:ss with +0000, +00:00 or Z; NaN for all else. */
function momentOf(expires = ""): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$/.exec(expires);
  if (!match) return Number.NaN;
  const [, time = "", zone = ""] = match;
  return Date.parse(`${time}${zone.replace(/^(...):?(..)$/, "$1:$2")}`);
}
