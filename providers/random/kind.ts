/**
 * What the random resources have in common: a value is drawn once, stays as long as every input stays, and is drawn
 * anew in another object when one moves. The tokens, properties and states are those of Pulumi's random 4.21.2.
 */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { faultsBy } from "../rpc/faults.ts";
import {
  type Change,
  type Fault,
  type Move,
  movesBetween,
  type Properties,
  type PropertySpec,
  type ResourceHandler,
  type ResourceSpec,
} from "../rpc/index.ts";

export interface Drawn {
  id: string;
  outputs: Properties;
}

export interface Imported extends Drawn {
  /** What a program must say to get this object without a change. */
  inputs: Properties;
}

export interface Kind {
  /** "RandomPassword" */
  name: string;
  description: string;
  inputs: Record<string, PropertySpec>;
  required: readonly string[];
  outputs: Record<string, PropertySpec>;
  type: z.ZodType;
  /** Marks states in the form of the official provider; 0 is written down by nothing. */
  schemaVersion?: number;
  /** Whether the state repeats the id. */
  idInState?: boolean;
  /** The inputs with defaults; values may be unknown. */
  planned?(inputs: Properties): Properties;
  faults?(planned: Properties): Fault[];
  draw(planned: Properties): Drawn | Promise<Drawn>;
  /** Left out: this kind cannot be imported. */
  import?(id: string): Imported | Promise<Imported>;
  /** Brings a state of an older form to today's. */
  upgrade?(state: Properties): Properties | Promise<Properties>;
  /** Moves that the state takes over without a new draw. */
  keeps?(state: Properties, planned: Properties, move: Move): boolean;
}

export const keepers: PropertySpec = {
  type: "object",
  additionalProperties: { type: "string" },
  willReplaceOnChanges: true,
  description: "Arbitrary map of values that, when changed, will trigger recreation of resource.",
};

/** The official provider describes a state for itself under this name; the description ends with a change of the state. */
const officialStateDescription = "__pulumi_raw_state_delta";

export function randomResource(kind: Kind): ResourceHandler {
  const planned = (inputs: Properties) => kind.planned?.(inputs) ?? inputs;
  const upgraded = async (state: Properties) => (await kind.upgrade?.(state)) ?? state;
  return {
    token: `random:index/${kind.name.charAt(0).toLowerCase()}${kind.name.slice(1)}:${kind.name}`,
    schema: schemaOf(kind),
    check: (news) => {
      const faults = faultsBy(kind.type, news);
      return { inputs: news, faults: faults.length > 0 ? faults : (kind.faults?.(planned(news)) ?? []) };
    },
    diff: async (old, news) => ({ changes: changesOf(kind, await upgraded(old.state), planned(news)) }),
    preview: (inputs, old) => ({ ...(old && outputsOf(kind, old.state)), ...planned(inputs) }),
    create: async (inputs, { secretInputs }) => {
      const plan = planned(inputs);
      const { id, outputs } = await kind.draw(plan);
      const shown = secretInputs.some(([name]) => name !== "keepers");
      const secrets = shown ? Object.keys(kind.outputs) : [];
      return { id, state: stateOf(kind, id, { ...plan, ...outputs }), secrets };
    },
    read: async (id, known) => {
      if (known.state) return { state: await upgraded(known.state) };
      if (!kind.import) return undefined;
      const found = await kind.import(id);
      const state = stateOf(kind, found.id, { ...planned(found.inputs), ...found.outputs });
      return { id: found.id, state, inputs: found.inputs };
    },
    update: async (old, news) => {
      const { [officialStateDescription]: _, ...state } = await upgraded(old.state);
      const outputs = outputsOf(kind, state);
      return { state: stateOf(kind, old.id, { ...planned(news), ...outputs }) };
    },
  };
}

function schemaOf(kind: Kind): ResourceSpec {
  const inputProperties = Object.fromEntries(
    Object.entries({ ...kind.inputs, keepers }).map(([name, spec]) => [
      name,
      { ...spec, willReplaceOnChanges: true },
    ]),
  );
  return {
    description: kind.description,
    inputProperties,
    requiredInputs: kind.required,
    properties: { ...inputProperties, ...kind.outputs },
    required: [...kind.required, ...Object.keys(kind.outputs)],
  };
}

function stateOf(kind: Kind, id: string, values: Properties): Properties {
  return {
    ...(kind.schemaVersion && { __meta: JSON.stringify({ schema_version: String(kind.schemaVersion) }) }),
    ...(kind.idInState !== false && { id }),
    ...values,
  };
}

function outputsOf(kind: Kind, state: Properties): Properties {
  return Object.fromEntries(Object.keys(kind.outputs).map((name) => [name, state[name]]));
}

/** The wish is compared with the object, not with the wish before: a default that is now written out moves nothing. */
function changesOf(kind: Kind, state: Properties, planned: Properties): Change[] {
  const names = Object.keys({ ...kind.inputs, keepers });
  const only = (values: Properties) =>
    Object.fromEntries(names.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined));
  return movesBetween(only(state), only(planned)).map((move) => {
    const kept = keepsKeepers(state, planned, move) || kind.keeps?.(state, planned, move) === true;
    return { ...move, replace: !kept };
  });
}

/** No keepers and an empty map of keepers hold the same. */
function keepsKeepers(state: Properties, planned: Properties, { property }: Move): boolean {
  return property === "keepers" && isDeepStrictEqual(state.keepers ?? {}, planned.keepers ?? {});
}
