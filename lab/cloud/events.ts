/** What happened, as the server's event log tells it: every act by its kind, from when it was taken until its end. */
import type { Event } from "./model.ts";
import type { Store } from "./store.ts";
import { apiTime } from "./time.ts";

/** Of a command: the kind, such as VM.CREATE, and what is done, such as "starting Vm. Vm Id:". */
export interface EventKind {
  readonly type: string;
  readonly doing: string;
}

/** The server keeps them for days; a lab this many, the newest. */
const kept = 5000;

export type NewEvent = Omit<Event, "id" | "number" | "created">;

/** Inside a transaction. @returns its id */
export function recordEvent(store: Store, event: NewEvent): string {
  const id = store.newId("events");
  store.put("events", { ...event, id, number: store.nextNumber("events"), created: apiTime() });
  for (const old of store.all("events")) {
    if (store.count("events") <= kept) break;
    store.forget("events", old.id);
  }
  return id;
}

const about = ({ doing }: EventKind, id: string | undefined) => (id === undefined ? doing : `${doing} ${id}`);

/** In the server's words for each state of an act. */
export const eventText = {
  created: (kind: EventKind, id?: string) => `Successfully created entity for ${about(kind, id)}`,
  scheduled: about,
  started: about,
  completed: (kind: EventKind, id?: string) => `Successfully completed ${about(kind, id)}`,
  failed: (kind: EventKind, id?: string) => `Error while ${about(kind, id)}`,
} as const;
