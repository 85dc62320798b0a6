/** An act as a resource: how inputs are checked, what a moved input costs, and what each step of its life does. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import {
  type Change,
  type Checked,
  containsUnknown,
  isUnknown,
  type Move,
  type Properties,
  type ResourceHandler,
  type ResourceSpec,
} from "../rpc/index.ts";
import { type Connections, shownOf } from "../ssh/index.ts";
import type { Act, Tools } from "./acts/act.ts";
import { propertyPath } from "./checks/parse.ts";

/** What all acts of this process share. */
export interface Workplace {
  connections: Connections;
  /** The project's folder, from which paths in inputs count. */
  root: string;
}

/** What was done cannot be undone or seen again from outside: nothing is read, and nothing is deleted. */
export type ActHandler = ResourceHandler<Properties, Properties, Workplace> &
  Required<Pick<ResourceHandler<Properties, Properties, Workplace>, "check" | "diff" | "update">>;

export function handlerOf(act: Act<Properties, object>): ActHandler {
  return {
    token: act.token,
    schema: act.schema as ResourceSpec,
    shown: [shownOf("connection"), shownOf("connections", 0), shownOf("connections", 1)].flat(),
    check: (news) => checkInputs(act, news),
    diff: (_old, _news, moves) => ({ changes: moves.map((move) => changeOf(act, move)) }),
    create: async (inputs, context) => {
      const { id, outputs } = await act.perform(act.inputs.parse(inputs), toolsOf(context));
      return { id, state: { ...inputs, ...outputs } };
    },
    update: async (old, news, context) => {
      const renewed = act.renewedBy?.some((name) => !isDeepStrictEqual(old.inputs[name], news[name]));
      const outputs = renewed
        ? (await act.perform(act.inputs.parse(news), toolsOf(context))).outputs
        : outputsOf(act, old.state);
      return { state: { ...news, ...outputs } };
    },
    // Outputs move only when the act is done again in place.
    preview: (inputs, old) => {
      if (!old) return {};
      const renewed = act.renewedBy?.some((name) => movedInPreview(old.inputs[name], inputs[name]));
      return renewed ? {} : outputsOf(act, old.state);
    },
  };
}

function toolsOf(context: {
  client: Workplace;
  signal: AbortSignal;
  log: { status(text: string): void };
}): Tools {
  return {
    ...context.client,
    signal: context.signal,
    progress: (line) => context.log.status(line),
  };
}

function checkInputs(act: Act<Properties, object>, news: Properties): Checked<Properties> {
  const parsed = act.inputs.safeParse(news);
  if (parsed.success) return { inputs: parsed.data };
  const faults = parsed.error.issues
    .filter(({ path }) => !passesUnknown(news, path))
    .map(({ path, message }) => ({ property: propertyPath(path), reason: message }));
  return { inputs: withDefaults(act, news), faults };
}

/** Whether a fault is only that a value on its path is not known yet. */
function passesUnknown(news: unknown, path: readonly PropertyKey[]): boolean {
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

function changeOf(act: Act<Properties, object>, move: Move): Change {
  return { ...move, replace: act.repeatedBy.includes(move.property) };
}

function movedInPreview(old: unknown, fresh: unknown): boolean {
  return containsUnknown(fresh) || !isDeepStrictEqual(old, fresh);
}

function outputsOf(act: Act<Properties, object>, state: Properties): Properties {
  const inputs = new Set(Object.keys((act.schema as ResourceSpec).inputProperties ?? {}));
  return Object.fromEntries(Object.entries(state).filter(([name]) => !inputs.has(name)));
}
