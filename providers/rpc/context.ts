/** What a handler is given besides its properties. */
import type { Path } from "./paths.ts";

export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  /** Progress: shown while the work runs, and then forgotten. */
  status(text: string): void;
}

/** Which object of this name the update is about to replace. */
export type Predecessor = { kind: "none" } | { kind: "known"; id: string } | { kind: "hidden" };

export interface Context<Client> {
  /** What the provider's `configure` returned. */
  client: Client;
  /** Empty for functions. */
  urn: string;
  /**
   * The id that the engine gave to the provider resource of this state: the same in every update of a stack, another one
   * in every other stack or backend. undefined when the engine did not tell.
   */
  owner: string | undefined;
  /** Fires when the user cancels, when the resource's custom time-out has passed, and when the engine is gone. */
  signal: AbortSignal;
  /** From the resource's customTimeouts. */
  deadline: Date | undefined;
  log: Log;
  /** Nothing may be changed in a preview. */
  preview: boolean;
  /** Paths of the inputs that came as secrets. */
  secretInputs: readonly Path[];
}

export interface CreateContext<Client, State> extends Context<Client> {
  /**
   * The moment an id exists: when the handler fails later, the id and this state are recorded, the resource is shown as
   * failed, and the next update calls `update` on it instead of making a second one.
   */
  save(id: string, state: Partial<State>): void;
  /** What was saved is gone again: a failure is then one without an object. */
  forget(): void;
  /**
   * What is known about the object that this one takes the place of. "hidden": there is one, but the engine did not
   * say which (a replacement asked for on the command line).
   */
  predecessor: Predecessor;
}
