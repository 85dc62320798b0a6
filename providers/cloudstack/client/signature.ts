/** CloudStack's request signature, byte for byte as the server computes it. */
import { createHmac } from "node:crypto";

export type Parameters = Readonly<Record<string, string>>;

export interface Keys {
  apiKey: string;
  secretKey: string;
}

/** How long a signed request stays valid, in seconds. A server may refuse more than 15 minutes. */
const validity = 600;

/** All parameters of a request, as a query string or form body. */
export function signedForm(command: string, parameters: Parameters, keys: Keys, now: Date): string {
  const all = {
    ...parameters,
    command,
    response: "json",
    apiKey: keys.apiKey,
    signatureVersion: "3",
    expires: expiry(now),
  };
  const form = Object.entries(all).map(
    ([name, value]) => `${encodeURIComponent(name)}=${javaEncoded(value)}`,
  );
  return [...form, `signature=${encodeURIComponent(signatureOf(all, keys.secretKey))}`].join("&");
}

/** Names stay as they are and sort by their bytes before anything is lower-cased; values are encoded as Java does. */
export function signatureOf(parameters: Parameters, secretKey: string): string {
  const text = Object.entries(parameters)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${name}=${javaEncoded(value)}`)
    .join("&")
    .toLowerCase();
  return createHmac("sha1", secretKey).update(text).digest("base64");
}

/**
 * Java's URLEncoder with a space as %20: letters, digits and `.-*_` stay, everything else is escaped, `~` included.
 * Encoders by RFC 3986 keep `~` and escape `*`, and are refused.
 */
export function javaEncoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function expiry(now: Date): string {
  const end = new Date(now.getTime() + validity * 1000);
  return end.toISOString().replace(/\.\d+Z$/, "+0000");
}
