/** Checks of inputs that the schema alone cannot make. Values may be unknown. */
import { containsUnknown, type Fault, type Properties } from "../../rpc/index.ts";

export type Rule = (value: unknown) => string | undefined;

/** Every fault of the values that are there; an unknown value has none. */
export function faultsIn(inputs: Properties, rules: Readonly<Record<string, Rule>>): Fault[] {
  return Object.entries(rules).flatMap(([property, rule]) => {
    const value = inputs[property];
    const reason = value === undefined || containsUnknown(value) ? undefined : rule(value);
    return reason === undefined ? [] : [{ property, reason }];
  });
}

export function missing(inputs: Properties, required: readonly string[]): Fault[] {
  return required
    .filter((property) => inputs[property] === undefined)
    .map((property) => ({ property, reason: "is required" }));
}

export const hostName: Rule = (value) =>
  /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(String(value))
    ? undefined
    : "must be a host name: at most 63 letters, digits and hyphens, beginning with a letter";

export const filledText: Rule = (value) =>
  typeof value === "string" && value.trim() !== "" ? undefined : "must be a text that is not empty";

export const textList: Rule = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string" && /^[^,\s]+$/.test(item))
    ? undefined
    : "must be a list of names or ids";

export const textMap: Rule = (value) => {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : undefined;
  return entries?.every(([, item]) => typeof item === "string") ? undefined : "must be a map of texts";
};

const longestTag = 255;

export const tagMap: Rule = (value) => {
  const wrong = textMap(value);
  if (wrong) return wrong;
  for (const [key, item] of Object.entries(value as Record<string, string>)) {
    if (key.startsWith("pulumi:"))
      return `has the key ${key}; keys that begin with pulumi: are the provider's own`;
    if (item === "") return `has no value for ${key}; CloudStack refuses empty tags`;
    if (key.length > longestTag || item.length > longestTag)
      return `is longer than ${longestTag} characters at ${key}`;
  }
  return undefined;
};

export const positive: Rule = (value) =>
  Number.isInteger(value) && Number(value) > 0 ? undefined : "must be a whole number above 0";

export const port: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535
    ? undefined
    : "must be a port from 1 to 65535";

const octet = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
const ipv4 = `${octet}(\\.${octet}){3}`;
const ipv4Address = new RegExp(`^${ipv4}$`);
const ipv4Network = new RegExp(`^${ipv4}/(3[0-2]|[12]?[0-9])$`);

export const address: Rule = (value) =>
  ipv4Address.test(String(value)) ? undefined : "must be an IPv4 address";

export const networks: Rule = (value) => {
  const list = Array.isArray(value) ? value : [];
  if (list.length === 0) return "must name at least one network, such as 203.0.113.0/24";
  const wrong = list.find((item) => !ipv4Network.test(String(item)));
  return wrong === undefined ? undefined : `has ${String(wrong)}, which is no network such as 203.0.113.0/24`;
};

export const flag: Rule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

export function oneOf(...words: readonly string[]): Rule {
  return (value) => (words.includes(String(value)) ? undefined : `must be one of ${words.join(", ")}`);
}
