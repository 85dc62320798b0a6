/**
 * Which events may happen to an instance, a volume or a template in which state, and where they lead. Whatever is
 * not in these tables is a bug in the lab, not a wrong request: requests are refused before.
 */
import type { InstanceState, TemplateState, VolumeState } from "./model.ts";

type Table<State extends string> = Readonly<Record<string, Readonly<Partial<Record<State, State>>>>>;

const instance = {
  start: { Stopped: "Starting" },
  started: { Starting: "Running" },
  startFailed: { Starting: "Stopped" },
  deployFailed: { Starting: "Error", Stopped: "Error" },
  stop: { Running: "Stopping" },
  stopped: { Stopping: "Stopped" },
  stopFailed: { Stopping: "Running" },
  /** The machine was found off without having been asked to stop. */
  foundOff: { Running: "Stopped" },
  destroy: { Stopped: "Destroyed", Error: "Destroyed" },
  recover: { Destroyed: "Stopped" },
  expunge: { Destroyed: "Expunging", Error: "Expunging" },
} as const satisfies Table<InstanceState>;

const volume = {
  create: { Allocated: "Creating" },
  created: { Creating: "Ready" },
  createFailed: { Creating: "Allocated" },
  expunge: { Allocated: "Expunging", Ready: "Expunging" },
} as const satisfies Table<VolumeState>;

const template = {
  captured: { Creating: "Ready" },
  lost: { Creating: "Stuck" },
  downloaded: { Downloading: "Ready" },
  downloadFailed: { Downloading: "Failed" },
  delete: { Ready: "Deleting", Failed: "Deleting" },
} as const satisfies Table<TemplateState>;

export type InstanceEvent = keyof typeof instance;
export type VolumeEvent = keyof typeof volume;
export type TemplateEvent = keyof typeof template;

export const instanceAfter = (state: InstanceState, event: InstanceEvent): InstanceState =>
  follow("instance", instance, state, event);
export const volumeAfter = (state: VolumeState, event: VolumeEvent): VolumeState =>
  follow("volume", volume, state, event);
export const templateAfter = (state: TemplateState, event: TemplateEvent): TemplateState =>
  follow("template", template, state, event);

/** Every change of state by name ("instance start from Stopped"), for the faults and tests that stop the lab at each. */
export const allTransitions: readonly string[] = Object.entries({ instance, volume, template }).flatMap(
  ([kind, table]: [string, Table<string>]) =>
    Object.entries(table).flatMap(([event, places]) =>
      Object.keys(places).map((from) => transitionName(kind, event, from)),
    ),
);

/** What else is written down on the way: of jobs, and that a captured disk is whole. */
export const otherSteps = ["template frozen", "job create", "job succeed", "job fail"] as const;

export function transitionName(kind: string, event: string, from: string): string {
  return `${kind} ${event} from ${from}`;
}

function follow<State extends string>(kind: string, table: Table<State>, state: State, event: string): State {
  const next = table[event]?.[state];
  if (next === undefined) throw new Error(`${kind} in state ${state} cannot take the event ${event}`);
  return next;
}
