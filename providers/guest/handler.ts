/** An act as a resource: how inputs are checked, what a moved input costs, and what each step of its life does. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Act, Tools } from "./acts/act.ts";
import { propertyPath } from "./checks/parse.ts";

export type Properties = Record<string, unknown>;

export interface Fault {
  /** In Pulumi's notation: "checks[3].probe.port". */
  property: string;
  reason: string;
}

export interface Checked {
  /** With defaults. A value that is not known yet stays as it came. */
  inputs: Properties;
  faults: Fault[];
}

/** Input that moved -> what that costs. */
export type Difference = Record<string, "update" | "replace">;

export interface Handler {
  token: string;
  schema: object;
  /** @param isUnknown tells a value that a preview cannot know yet */
  check(news: Properties, isUnknown: (value: unknown) => boolean): Checked;
  diff(olds: Properties, news: Properties): Difference;
  create(inputs: Properties, tools: Tools): Promise<{ id: string; state: Properties }>;
  /** What was done cannot be undone from outside, so the state is what it is. */
  read(state: Properties): Properties;
  update(olds: Properties, news: Properties, tools: Tools): Promise<Properties>;
  /** Nothing: what was done goes with its machine, and a report stays. */
  delete(): void;
}

export function handlerOf(act: Act<Properties, object>): Handler {
  return {
    token: act.token,
    schema: act.schema,
    check: (news, isUnknown) => checkInputs(act, news, isUnknown),
    diff: (olds, news) => differenceOf(act, olds, news),
    create: async (inputs, tools) => {
      const { id, outputs } = await act.perform(act.inputs.parse(inputs), tools);
      return { id, state: { ...inputs, ...outputs } };
    },
    read: (state) => state,
    update: async (olds, news, tools) => {
      const moved = Object.keys(differenceOf(act, olds, news));
      const renewed = act.renewedBy?.some((property) => moved.includes(property)) ?? false;
      const outputs = renewed
        ? (await act.perform(act.inputs.parse(news), tools)).outputs
        : outputsOf(act, olds);
      return { ...news, ...outputs };
    },
    delete: () => {},
  };
}

function checkInputs(
  act: Act<Properties, object>,
  news: Properties,
  isUnknown: (value: unknown) => boolean,
): Checked {
  const parsed = act.inputs.safeParse(news);
  if (parsed.success) return { inputs: parsed.data, faults: [] };
  const faults = parsed.error.issues
    .filter(({ path }) => !passesUnknown(news, path, isUnknown))
    .map(({ path, message }) => ({ property: propertyPath(path), reason: message }));
  return { inputs: withDefaults(act, news), faults };
}

/** Whether a fault is only that a value on its path is not known yet. */
function passesUnknown(
  news: unknown,
  path: readonly PropertyKey[],
  isUnknown: (value: unknown) => boolean,
): boolean {
  let value = news;
  for (const part of path) {
    if (typeof value !== "object" || value === null || isUnknown(value)) break;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return isUnknown(value);
}

/** Property by property, so that one value that is not known yet does not take the others' defaults with it. */
function withDefaults(act: Act<Properties, object>, news: Properties): Properties {
  const { shape } = act.inputs as unknown as { shape: Record<string, z.ZodType> };
  const inputs: Properties = { ...news };
  for (const [name, type] of Object.entries(shape)) {
    const parsed = type.safeParse(news[name]);
    if (parsed.success && parsed.data !== undefined) inputs[name] = parsed.data;
  }
  return inputs;
}

function differenceOf(act: Act<Properties, object>, olds: Properties, news: Properties): Difference {
  const difference: Difference = {};
  for (const property of inputNames(act)) {
    if (isDeepStrictEqual(olds[property], news[property])) continue;
    difference[property] = act.repeatedBy.includes(property) ? "replace" : "update";
  }
  return difference;
}

function outputsOf(act: Act<Properties, object>, state: Properties): Properties {
  const inputs = new Set(inputNames(act));
  return Object.fromEntries(Object.entries(state).filter(([name]) => !inputs.has(name)));
}

function inputNames(act: Act<Properties, object>): string[] {
  return Object.keys((act.schema as { inputProperties: object }).inputProperties);
}
