/**
 * Asynchronous jobs. A job and the row that its command makes are written in one transaction, and so are its outcome
 * and the change of state that goes with it: whoever sees one sees the other, also after a kill.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "../faults/active.ts";
import { asCaller } from "./call-context.ts";
import { type EventKind, eventText, recordEvent } from "./events.ts";
import { ApiError, failureWords } from "./failure.ts";
import { Locks } from "./locks.ts";
import type { Event, EventState, Job } from "./model.ts";
import type { Store } from "./store.ts";
import { apiTime } from "./time.ts";

/** Runs in the transaction that ends the job: last changes of state, then the job's result. */
export type Conclusion = () => Readonly<Record<string, unknown>>;

export interface Plan {
  /** What the job is about, as queryAsyncJobResult shows it. */
  instanceType?: string;
  instanceId?: string;
  /** Jobs of one queue run one after the other, as the server does for one machine. */
  queue?: string;
  /** What the work needs to know when it is taken up again after a restart. */
  options?: Readonly<Record<string, string>>;
  work(job: Job): Promise<Conclusion>;
  /** Runs in the transaction that ends a failed job. */
  failed?(): void;
}

export interface JobOrigin {
  command: string;
  commandClass: string;
  accountId: string;
  userId: string;
  customId?: string;
  event?: EventKind;
  /** Whether the command has made the object already. */
  creates?: boolean;
}

/** Finished jobs are forgotten after this many minutes (job.expire.minutes). */
const expireMinutes = 1440;

export class Jobs {
  readonly #store: Store;
  readonly #faults: Faults;
  readonly #log: (line: string) => void;
  readonly #queues = new Locks();
  /** The newest unfinished job of an object: lists show it. */
  readonly #busy = new Map<string, string>();
  readonly #running = new Set<Promise<void>>();

  constructor(store: Store, faults: Faults, log: (line: string) => void) {
    this.#store = store;
    this.#faults = faults;
    this.#log = log;
  }

  /** Inside the transaction of the command. A job id that is in use is refused, and what the command made stays. */
  create(origin: JobOrigin, plan: Plan): Job {
    const refusal = this.#faults.onSubmit(origin.command);
    if (refusal) throw refusal;
    const id = origin.customId ?? this.#store.newId("jobs");
    if (this.#store.get("jobs", id)) {
      this.#store.keepSoFar();
      throw new ApiError(530, `Entity already exists: async_job ${id}`, 9999);
    }
    const event = this.#announce(origin, plan);
    const job: Job = {
      id,
      number: this.#store.nextNumber("jobs"),
      command: origin.command,
      commandClass: origin.commandClass,
      accountId: origin.accountId,
      userId: origin.userId,
      status: 0,
      resultCode: 0,
      ...(plan.instanceType === undefined ? {} : { instanceType: plan.instanceType }),
      ...(plan.instanceId === undefined ? {} : { instanceId: plan.instanceId }),
      ...(plan.options === undefined ? {} : { options: plan.options }),
      ...(event && { event }),
      created: apiTime(),
    };
    this.#store.put("jobs", job);
    this.#store.note("job create");
    return job;
  }

  #announce(origin: JobOrigin, plan: Plan): Job["event"] {
    const { event: kind, creates, accountId, userId } = origin;
    if (!kind) return undefined;
    const tell = (state: "Created" | "Scheduled", description: string) =>
      recordEvent(this.#store, {
        ...resourceOf(plan),
        type: kind.type,
        level: "INFO",
        state,
        description,
        accountId,
        userId,
      });
    if (creates) tell("Created", eventText.created(kind, plan.instanceId));
    return { ...kind, scheduledId: tell("Scheduled", eventText.scheduled(kind, plan.instanceId)) };
  }

  /** Inside a transaction. */
  #tell(job: Job, state: EventState, outcome: "started" | "completed" | "failed"): void {
    const { event, accountId, userId, instanceId } = job;
    if (!event) return;
    recordEvent(this.#store, {
      ...resourceOf(job),
      type: event.type,
      level: outcome === "failed" ? "ERROR" : "INFO",
      state,
      description: eventText[outcome](event, instanceId),
      accountId,
      userId,
      parentId: event.scheduledId,
    });
  }

  launch(job: Job, plan: Plan): void {
    if (plan.instanceId) this.#busy.set(plan.instanceId, job.id);
    const running = this.#queues
      .hold(plan.queue ?? job.id, () => this.#run(job, plan))
      // Its end could not be written down: it is taken up again by the next start.
      .catch((error) => this.#log(`job ${job.id} ${job.command}: ${stackOf(error)}`))
      .finally(() => {
        this.#running.delete(running);
        if (plan.instanceId && this.#busy.get(plan.instanceId) === job.id) this.#busy.delete(plan.instanceId);
      });
    this.#running.add(running);
  }

  /** The unfinished job of an object. */
  busyWith(objectId: string): string | undefined {
    return this.#busy.get(objectId);
  }

  /** Resolves when no job runs; jobs that a fault holds do not count. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** A restart lost it: failed, without any result, as the server leaves it. */
  lose(job: Job): void {
    this.#store.put("jobs", { ...job, status: 2, resultCode: 530, completed: apiTime() });
  }

  /** Forgets what finished long ago. */
  expire(now = Date.now()): void {
    const limit = apiTime(new Date(now - expireMinutes * 60_000));
    const old = this.#store.filter("jobs", (job) => job.completed !== undefined && job.completed < limit);
    if (old.length > 0) {
      this.#store.transaction(() => {
        for (const job of old) this.#store.remove("jobs", job.id);
      });
    }
  }

  async #run(job: Job, plan: Plan): Promise<void> {
    const intervention = this.#faults.onJob(job.command);
    if (intervention?.kind === "stuck") {
      this.#log(`job ${job.id} ${job.command}: held by a fault`);
      return;
    }
    try {
      if (intervention?.kind === "held") await intervention.released;
      if (intervention?.kind === "fail") throw intervention.error;
      this.#store.transaction(() => this.#tell(job, "Started", "started"));
      const conclude = await plan.work(job);
      if (intervention?.kind === "slow") await delay(intervention.seconds * 1000);
      this.#store.transaction(() => {
        const result = this.#seenBy(job, conclude);
        if (intervention?.kind === "lost") {
          this.lose(job);
          return;
        }
        this.#store.put("jobs", { ...job, status: 1, result, completed: apiTime() });
        this.#tell(job, "Completed", "completed");
        this.#store.note("job succeed");
      });
      this.#log(`job ${job.id} ${job.command}: done`);
    } catch (error) {
      this.#fail(job, plan, error);
    }
  }

  /** A result shows to the job's owner what a list would. */
  #seenBy({ accountId, userId }: Job, conclude: Conclusion): ReturnType<Conclusion> {
    const account = this.#store.get("accounts", accountId);
    const user = this.#store.get("users", userId);
    return account && user ? asCaller({ account, user }, conclude) : conclude();
  }

  /** Only parameter errors and API errors keep their code in a job; whatever else goes wrong is a 530. */
  #fail(job: Job, plan: Plan, error: unknown): void {
    const code =
      error instanceof ApiError && (error.errorCode === 431 || error.exceptionCode === 9999)
        ? error.errorCode
        : 530;
    this.#log(
      `job ${job.id} ${job.command}: failed: ${error instanceof ApiError ? error.message : stackOf(error)}`,
    );
    this.#store.transaction(() => {
      plan.failed?.();
      this.#store.put("jobs", {
        ...job,
        status: 2,
        resultCode: code,
        result: { errorcode: code, errortext: failureWords(error) },
        completed: apiTime(),
      });
      this.#tell(job, "Completed", "failed");
      this.#store.note("job fail");
    });
  }
}

function resourceOf(plan: {
  instanceType?: string;
  instanceId?: string;
}): Pick<Event, "resourceType" | "resourceId"> {
  const { instanceType, instanceId } = plan;
  return {
    ...(instanceType === undefined ? {} : { resourceType: instanceType }),
    ...(instanceId === undefined ? {} : { resourceId: instanceId }),
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
