/** What a provider is made of. */
import type { Context, CreateContext } from "./context.ts";
import type { Difference, Move } from "./difference.ts";
import type { Path } from "./paths.ts";
import type { FunctionSpec, PackageSpec, ResourceSpec } from "./schema.ts";
import type { Properties } from "./values.ts";

export interface Fault {
  /** Where: "name", ["triggers", "a/b"]; a text is taken as it is. */
  property: string | Path;
  reason: string;
}

export interface Checked<Inputs> {
  /** With defaults. A value that is not known yet stays as it came. */
  inputs: Inputs;
  faults?: Fault[];
}

export interface CheckRequest<Inputs> {
  /** The inputs of the object that is there now; undefined when there is none, or when it is being replaced. */
  olds: Inputs | undefined;
  /** The resource's logical name in the program. */
  name: string;
  urn: string;
  /** New in every update; what is derived from it is not the same when an update is done again. */
  randomSeed: Uint8Array;
}

export interface Existing<Inputs, State> {
  id: string;
  inputs: Inputs;
  state: State;
}

export interface Created<State> {
  id: string;
  state: State;
  /** Outputs to keep secret besides those that the schema or the inputs say. */
  secrets?: readonly string[];
  /**
   * Done when the engine has written the object down, and never when it was killed before: a mark that tells what a state
   * knows of from what was begun and forgotten. What it fails with goes to the engine's debug log.
   */
  onceRecorded?: () => Promise<void>;
}

export interface Refreshed<Inputs, State> {
  /** Only when it is another one than the one that was asked for. */
  id?: string;
  state: State;
  /** As the object has them now; left out, the known ones stay. Needed for import. */
  inputs?: Inputs;
}

export interface ResourceHandler<Inputs = Properties, State = Properties, Client = unknown> {
  /** "cloudstack:index:Instance" */
  token: string;
  /** The only place where the resource's properties are declared. */
  schema: ResourceSpec;
  /** Parts of secret inputs that messages may show all the same: the host of a connection that is a secret as a whole. */
  shown?: readonly Path[];
  /** Defaults, and every fault with its property. Values may be unknown. By default the inputs as they are. */
  check?(
    news: Inputs,
    request: CheckRequest<Inputs>,
    context: Context<Client>,
  ): Checked<Inputs> | Promise<Checked<Inputs>>;
  /** By default: see `differenceOf`. Called with every moved leaf of the inputs; values may be unknown. */
  diff?(
    old: Existing<Inputs, State>,
    news: Inputs,
    moves: readonly Move[],
    context: Context<Client>,
  ): Difference | Promise<Difference>;
  /**
   * What the outputs will be, as far as can be told before it is done; the rest is left out and shown as unknown.
   * By default the inputs of the same name, and for an update all other outputs unknown but those of `stable`.
   */
  preview?(
    inputs: Inputs,
    old: Existing<Inputs, State> | undefined,
    context: Context<Client>,
  ): Partial<State> | Promise<Partial<State>>;
  /** Outputs that an update never moves. */
  stable?: readonly string[];
  create(inputs: Inputs, context: CreateContext<Client, State>): Promise<Created<State>>;
  /**
   * undefined = gone. On import nothing is known but the id. By default the state as it is known.
   */
  read?(
    id: string,
    known: Partial<Omit<Existing<Inputs, State>, "id">>,
    context: Context<Client>,
  ): Promise<Refreshed<Inputs, State> | undefined>;
  /** Without it every change replaces. Also called, with equal inputs, to settle what a past update left half done. */
  update?(
    old: Existing<Inputs, State>,
    news: Inputs,
    context: CreateContext<Client, State>,
  ): Promise<{ state: State; secrets?: readonly string[] }>;
  /** Nothing by default. An object that is gone already is a success. */
  delete?(old: Existing<Inputs, State>, context: Context<Client>): Promise<void>;
}

export interface FunctionHandler<Args = Properties, Result = Properties, Client = unknown> {
  token: string;
  schema: FunctionSpec;
  invoke(args: Args, context: Context<Client>): Promise<Result>;
}

/** Handlers of any types in one list. The border parses what it hands them. */
// biome-ignore lint/suspicious/noExplicitAny: a list of handlers of different types has no narrower element type
export type AnyResource<Client> = ResourceHandler<any, any, Client>;
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyFunction<Client> = FunctionHandler<any, any, Client>;

export interface Provider<Client = unknown> {
  /** Without `resources` and `functions`, which come from the handlers. */
  schema: Omit<PackageSpec, "resources" | "functions">;
  resources: readonly AnyResource<Client>[];
  functions?: readonly AnyFunction<Client>[];
  /**
   * Called once, with the plain configuration of the program (a Problem here stops the update). Fall-backs from the
   * environment belong here, so that they are never recorded in the state.
   */
  configure(config: Properties): Client | Promise<Client>;
  /** Faults of the configuration itself, such as a number that is none. Values may be unknown. */
  checkConfig?(config: Properties): Fault[];
}
