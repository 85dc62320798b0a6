/** The rules that RandomPassword and RandomString share: which characters, how many of each at least. */
import { z } from "zod";
import { type Fault, isUnknown, type Move, type Properties, type PropertySpec } from "../rpc/index.ts";
import { pick, type Source, shuffled, systemSource } from "./randomness.ts";

const numbers = "0123456789";
const lowers = "abcdefghijklmnopqrstuvwxyz";
const uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const specials = "!@#$%&*()-_=+[]{}<>:?";

const flag = (what: string): PropertySpec => ({
  type: "boolean",
  description: `Include ${what} in the result. Default value is \`true\`.`,
});
const least = (what: string): PropertySpec => ({
  type: "integer",
  description: `Minimum number of ${what} in the result. Default value is \`0\`.`,
});

export const characterInputs: Record<string, PropertySpec> = {
  length: {
    type: "integer",
    description:
      "The length of the string desired. The minimum value for length is 1 and, length must also be >= (`minUpper` + `minLower` + `minNumeric` + `minSpecial`).",
  },
  special: flag(`special characters (\`${specials}\`)`),
  upper: flag("uppercase alphabet characters"),
  lower: flag("lowercase alphabet characters"),
  number: { ...flag("numeric characters"), deprecationMessage: "This is deprecated, use `numeric` instead." },
  numeric: flag("numeric characters"),
  minNumeric: least("numeric characters"),
  minUpper: least("uppercase alphabet characters"),
  minLower: least("lowercase alphabet characters"),
  minSpecial: least("special characters"),
  overrideSpecial: {
    type: "string",
    description:
      "Supply your own list of special characters to use for string generation. The `special` argument must still be set to true for any overwritten characters to be used in generation.",
  },
};

const count = z.int().min(0).optional();

export const characterType = z.looseObject({
  length: z.int().min(1),
  special: z.boolean().optional(),
  upper: z.boolean().optional(),
  lower: z.boolean().optional(),
  number: z.boolean().optional(),
  numeric: z.boolean().optional(),
  minNumeric: count,
  minUpper: count,
  minLower: count,
  minSpecial: count,
  overrideSpecial: z.string().optional(),
  keepers: z.record(z.string(), z.string()).optional(),
});

const flags = ["special", "upper", "lower", "numeric"] as const;
const minima = ["minUpper", "minLower", "minNumeric", "minSpecial"] as const;

/** `number` is the old name of `numeric`; the state holds both. */
export function plannedCharacters(inputs: Properties): Properties {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  const planned: Properties = { special: true, upper: true, lower: true };
  for (const name of minima) planned[name] = 0;
  return { ...planned, ...inputs, numeric, number: inputs.number ?? numeric };
}

export function characterFaults(planned: Properties): Fault[] {
  const faults: Fault[] = [];
  const known = (names: readonly string[]) => names.every((name) => !isUnknown(planned[name]));
  if (known(["number", "numeric"]) && planned.number !== planned.numeric) {
    faults.push({
      property: "numeric",
      reason: "Number and Numeric are both configured with different values",
    });
  }
  if (known(flags) && flags.every((name) => planned[name] === false)) {
    const reason = "At least one attribute out of [special,upper,lower,numeric] must be specified as true";
    faults.push({ property: "special", reason });
  }
  if (known(["length", ...minima])) {
    const sum = minima.reduce((total, name) => total + Number(planned[name]), 0);
    if (Number(planned.length) < sum) {
      const reason = `length (${planned.length}) must be at least the sum of minUpper, minLower, minNumeric and minSpecial (${sum})`;
      faults.push({ property: "length", reason });
    }
  }
  return faults;
}

export function drawCharacters(planned: Properties, source: Source = systemSource): string {
  const override = planned.overrideSpecial;
  const special = typeof override === "string" && override !== "" ? override : specials;
  const sets = [
    { wanted: planned.upper, least: planned.minUpper, from: uppers },
    { wanted: planned.lower, least: planned.minLower, from: lowers },
    { wanted: planned.numeric, least: planned.minNumeric, from: numbers },
    { wanted: planned.special, least: planned.minSpecial, from: special },
  ].map(({ wanted, least, from }) => ({ wanted: wanted === true, least: Number(least), from: [...from] }));
  const drawn = sets.flatMap(({ least, from }) => Array.from({ length: least }, () => pick(from, source)));
  const all = sets.filter(({ wanted }) => wanted).flatMap(({ from }) => from);
  while (drawn.length < Number(planned.length)) drawn.push(pick(all, source));
  return shuffled(drawn, source).join("");
}

/** States of older versions and of old imports lack what has a default now; a new draw must not come of that. */
export function upgradeCharacters(state: Properties): Properties {
  const numeric = state.numeric ?? state.number ?? true;
  return {
    ...plannedCharacters({}),
    length: lengthOf(String(state.result)),
    ...state,
    numeric,
    number: state.number ?? numeric,
  };
}

/** An empty list of special characters has always meant the usual ones. */
export function keepsCharacters(state: Properties, planned: Properties, { property }: Move): boolean {
  return (
    property === "overrideSpecial" && state.overrideSpecial === "" && planned.overrideSpecial === undefined
  );
}

export function lengthOf(text: string): number {
  return [...text].length;
}
