/** Parts of an instance that a list can leave out: what `details` does not name is not shown. */
import { invalidValue } from "../cloud/failure.ts";

const parts = [
  "all",
  "group",
  "nics",
  "stats",
  "secgrp",
  "tmpl",
  "servoff",
  "diskoff",
  "backoff",
  "iso",
  "volume",
  "min",
  "affgrp",
] as const;
export type InstancePart = (typeof parts)[number];

/** Those that one of the parts must be asked for. What is not here is always shown. */
const fields: Readonly<Record<string, readonly InstancePart[]>> = {
  groupid: ["group"],
  group: ["group"],
  templateid: ["tmpl"],
  templatename: ["tmpl"],
  templatetype: ["tmpl"],
  templateformat: ["tmpl"],
  templatedisplaytext: ["tmpl"],
  passwordenabled: ["tmpl"],
  serviceofferingid: ["servoff"],
  serviceofferingname: ["servoff"],
  cpunumber: ["servoff", "stats"],
  cpuspeed: ["servoff", "stats"],
  memory: ["servoff", "stats"],
  rootdeviceid: ["volume"],
  rootdevicetype: ["volume"],
  ipaddress: ["nics"],
};

/** Sets stay, empty. */
const sets: Readonly<Record<string, InstancePart>> = {
  nic: "nics",
  securitygroup: "secgrp",
  affinitygroup: "affgrp",
};

export function readInstanceParts(given: readonly string[] | undefined): ReadonlySet<InstancePart> {
  const named = (given ?? []).map((name) => parts.find((part) => part === name));
  if (named.includes(undefined)) {
    throw invalidValue(
      `The details parameter contains a non permitted value. The allowed values are [${parts.join(", ")}]`,
    );
  }
  return new Set(named.length === 0 ? ["all"] : named.filter((part) => part !== undefined));
}

export function onlyParts(
  view: Readonly<Record<string, unknown>>,
  wanted: ReadonlySet<InstancePart>,
): Readonly<Record<string, unknown>> {
  if (wanted.has("all")) return view;
  const shown = Object.entries(view).filter(
    ([name]) => fields[name]?.some((part) => wanted.has(part)) ?? true,
  );
  return Object.fromEntries(
    shown.map(([name, value]) => {
      const part = sets[name];
      return [name, part === undefined || wanted.has(part) ? value : []];
    }),
  );
}
