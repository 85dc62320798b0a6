/** Checks of inputs that the schema alone cannot make. Values may be unknown. */
import { isIPv6 } from "node:net";
import { type Fault, isUnknown, type Path, type Properties } from "../../rpc/index.ts";

/** A fault of a value or of one inside of it. */
export interface InnerFault {
  path: Path;
  reason: string;
}

export type Rule = (value: unknown) => string | InnerFault[] | undefined;

/** Every fault of the values that are there; an unknown value has none, whatever stands beside it. */
export function faultsIn(inputs: Properties, rules: Readonly<Record<string, Rule>>): Fault[] {
  return Object.entries(rules).flatMap(([property, rule]) =>
    faultsOf(inputs[property], rule).map(({ path, reason }) => ({ property: [property, ...path], reason })),
  );
}

function faultsOf(value: unknown, rule: Rule): InnerFault[] {
  if (value === undefined || isUnknown(value)) return [];
  const found = rule(value) ?? [];
  return typeof found === "string" ? [{ path: [], reason: found }] : found;
}

/** @param empty what is wrong with a list of nothing, where that is wrong */
export function listOf(item: Rule, empty?: string): Rule {
  return (value) => {
    if (!Array.isArray(value)) return "must be a list";
    if (value.length === 0) return empty;
    return value.flatMap((each, index) => inside(index, faultsOf(each, item)));
  };
}

function mapOf(item: (value: unknown, key: string) => string | undefined): Rule {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "must be a map of texts";
    return Object.entries(value).flatMap(([key, each]) =>
      inside(
        key,
        faultsOf(each, (inner) => item(inner, key)),
      ),
    );
  };
}

function inside(part: string | number, faults: readonly InnerFault[]): InnerFault[] {
  return faults.map(({ path, reason }) => ({ path: [part, ...path], reason }));
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

/** CloudStack writes lists as one text, joined by commas. */
export const listItem: Rule = (value) =>
  typeof value === "string" && /^[^,\s]([^,]*[^,\s])?$/.test(value)
    ? undefined
    : "must be a name or an id, without commas";

export const textList: Rule = listOf(listItem);

export const zoneList: Rule = listOf(listItem, "must name at least one zone");

const text = (value: unknown) => (typeof value === "string" ? undefined : "must be a text");

export const textMap: Rule = mapOf(text);

const longestTag = 255;

export const tagMap: Rule = mapOf((value, key) => {
  if (key.startsWith("pulumi:")) return "keys that begin with pulumi: are the provider's own";
  if (value === "") return "is empty, which CloudStack refuses";
  const length = Math.max(key.length, String(value).length);
  return text(value) ?? (length > longestTag ? `is longer than ${longestTag} characters` : undefined);
});

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

/** 255.255.240.0: ones, and then zeros. */
export const netmask: Rule = (value) => {
  if (!ipv4Address.test(String(value))) return "must be a netmask such as 255.255.255.0";
  const bits = String(value)
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1+0*$/.test(bits) ? undefined : "must be a netmask such as 255.255.255.0";
};

export const networks: Rule = listOf(
  (value) =>
    ipv4Network.test(String(value)) ? undefined : `${String(value)} is no network such as 203.0.113.0/24`,
  "must name at least one network, such as 203.0.113.0/24",
);

/** Of either protocol, as security groups take them. */
export const anyNetworks: Rule = listOf(
  (value) =>
    ipv4Network.test(String(value)) || isIpv6Network(String(value))
      ? undefined
      : `${String(value)} is no network such as 203.0.113.0/24 or 2001:db8::/32`,
  "must name at least one network, such as 203.0.113.0/24",
);

function isIpv6Network(text: string): boolean {
  const [base = "", length = "", ...more] = text.split("/");
  return (
    isIPv6(base) &&
    !base.includes("%") &&
    /^[0-9]{1,3}$/.test(length) &&
    Number(length) <= 128 &&
    more.length === 0
  );
}

export const flag: Rule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

export function oneOf(...words: readonly string[]): Rule {
  return (value) => (words.includes(String(value)) ? undefined : `must be one of ${words.join(", ")}`);
}
