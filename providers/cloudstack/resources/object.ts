/**
 * The life of an object that one command makes, one list shows and one command removes. What differs between kinds of
 * objects is a record; what must not go wrong anywhere, losing an object that the cloud has made or making a second one,
 * stands here once.
 */
import { Problem } from "../../../common/problem.ts";
import {
  type Context,
  type CreateContext,
  containsUnknown,
  type Difference,
  type Existing,
  type Fault,
  type Move,
  type Predecessor,
  type ResourceHandler,
  type ResourceSpec,
} from "../../rpc/index.ts";
import { submitted } from "../client/answers.ts";
import { findRow, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { perform, waitForJob } from "../client/jobs.ts";
import type { Parameters } from "../client/signature.ts";
import {
  begunTag,
  type Identity,
  identityOf,
  jobIdOf,
  keyTag,
  mark,
  marksOf,
  nameStem,
  recorded,
} from "./identity.ts";
import { waitingOf } from "./instance-api.ts";
import { type Attempt, attempt, protectedObject } from "./problems.ts";
import { changeTags, markRecorded, missingMarks, type TaggedType, tagsOf, visibleTags } from "./tags.ts";

export interface Row {
  id: string;
  tags?: readonly { key: string; value: string }[];
}

export interface Command {
  name: string;
  parameters: Parameters;
  /** It answers when it is done; otherwise with a job. */
  sync?: boolean;
}

export interface Kind<Inputs extends object, State extends object, R extends Row> {
  token: string;
  /** For messages: "firewall rule". */
  title: string;
  schema: ResourceSpec;
  /** What the program left out, as far as it is always the same; values may be unknown. */
  defaults?(news: Inputs): Inputs;
  /** @param olds of one that is there */
  check(news: Inputs, olds: Inputs | undefined): Fault[];
  /** How messages name one; by its name in the program where the cloud has not named it yet. */
  nameOf(properties: Partial<Inputs>): string | undefined;
  listing: Listing<R>;
  /** @param label under which an object is found again whose id was lost; see `labelOf` */
  make(inputs: Inputs, label: string): Command;
  /**
   * Where the cloud keeps the label. Without it the object is found again by the id of the job that makes it, which is
   * the same for every try.
   */
  labelOf?(row: R): string;
  /** The label makes way for the program's own words; a tag takes its place. */
  labelPasses?: boolean;
  /** The name that an account can give to one of them only. */
  uniqueName?(row: R): string;
  tagged?: TaggedType;
  /** As the cloud has them, and as far as it tells. */
  inputsOf(row: R): Partial<Inputs>;
  stateOf(row: R, inputs: Inputs): State;
  /** Waits until what was made can be used. What cannot is removed, unless only the time for it was too short. */
  settle?(id: string, inputs: Inputs, context: Context<Client>): Promise<void>;
  /** What is to be done to the row that was found so that it is as wanted; tags are not its matter. */
  changes?(row: R, wanted: Inputs, old: Partial<State>): Command[];
  /** Why an object that was made cannot be used. */
  fault?(row: R): string | undefined;
  remove(id: string, state: Partial<State>): Command;
  /** What to do about a refused removal, by the kind of its fault. */
  removalAdvice?: Attempt["next"];
  /** This provider refuses to remove it. */
  isProtected?(state: Partial<State>): boolean;
  /** Beyond properties that replace: costs, and what cannot exist twice. */
  difference?(old: Existing<Inputs, State>, news: Inputs, moves: readonly Move[]): Partial<Difference>;
  /** Outputs that an update never moves. */
  stable?: readonly string[];
  /** Whether two values of an input mean the same; by default lists are sets. */
  isSame?(property: string, a: unknown, b: unknown): boolean;
  /** Inputs that the cloud chooses where the program does not: to say them no more moves nothing. */
  chosenByCloud?: readonly string[];
  /** Whether no list shows an input that this object must have: one that was imported has what the program says. */
  isHidden?(property: string, old: Existing<Inputs, State>): boolean;
}

type Client = CloudStack;

export interface ObjectHandler<Inputs extends object, State extends object>
  extends ResourceHandler<Inputs, State, Client> {
  /** Removes what updates that were cut off have made of the object and never recorded. */
  removeTries(inputs: Inputs, context: Replacing): Promise<void>;
}

type Replacing = Context<Client> & { predecessor: Predecessor };

export function objectResource<Inputs extends object, State extends object, R extends Row>(
  kind: Kind<Inputs, State, R>,
): ObjectHandler<Inputs, State> {
  const object = new LifeOf(kind);
  return {
    token: kind.token,
    schema: kind.schema,
    stable: kind.stable ?? [],
    check: (news, { olds }) => ({ inputs: kind.defaults?.(news) ?? news, faults: kind.check(news, olds) }),
    diff: (old, news, moves) => {
      const changes = movesThatCount(old, news, moves)
        .filter(({ property }) => !isLeftToCloud(kind, property, news) && !kind.isHidden?.(property, old))
        .map((move) => ({ ...move, replace: replacing(kind.schema).has(move.property) }));
      return { changes, ...kind.difference?.(old, news, moves) };
    },
    create: (inputs, context) => object.create(inputs, context),
    read: (id, known, context) => object.read(id, known, context),
    update: (old, news, context) => object.update(old, news, context),
    delete: (old, context) => object.remove(old, context),
    removeTries: (inputs, context) => object.removeTries(inputs, context),
  };
}

/**
 * Neither the order of a list, nor an empty one in place of none, nor a program that now says what the cloud has chosen
 * moves anything.
 */
export function movesThatCount<Inputs extends object>(
  old: Existing<Inputs, object>,
  news: Inputs,
  moves: readonly Move[],
  isSameList: (property: string, a: unknown, b: unknown) => boolean = isSameSet,
): Move[] {
  const [inputs, state, wanted] = [old.inputs, old.state, news] as Record<string, unknown>[];
  return moves.filter(({ property }) => {
    const value = wanted?.[property];
    const said = inputs?.[property];
    if (isNothing(said) && isNothing(value)) return false;
    if (value === undefined || containsUnknown(value)) return true;
    const mayBeSame = said === undefined || Array.isArray(value);
    return !(mayBeSame && isSameList(property, said ?? state?.[property], value));
  });
}

function isNothing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function isLeftToCloud(
  { chosenByCloud = [] }: { chosenByCloud?: readonly string[] },
  property: string,
  news: object,
): boolean {
  return chosenByCloud.includes(property) && (news as Record<string, unknown>)[property] === undefined;
}

function replacing(schema: ResourceSpec): ReadonlySet<string> {
  return new Set(
    Object.entries(schema.inputProperties ?? {})
      .filter(([, spec]) => spec.willReplaceOnChanges)
      .map(([name]) => name),
  );
}

class LifeOf<Inputs extends object, State extends object, R extends Row> {
  readonly #kind: Kind<Inputs, State, R>;

  constructor(kind: Kind<Inputs, State, R>) {
    this.#kind = kind;
  }

  create(inputs: Inputs, context: CreateContext<Client, State>) {
    const { title } = this.#kind;
    const about = { what: `cannot make the ${title}`, object: this.#named(inputs, context) };
    return attempt(context.client, about, async () => {
      const identity = identityOf(context, this.#fixed(inputs));
      const id =
        (await this.#takeUp(inputs, identity, context)) ?? (await this.#make(inputs, identity, context));
      await this.#settle(id, inputs, context);
      const { now, later } = marksOf(context.predecessor);
      const begun = this.#kind.labelPasses ? { [begunTag]: mark(identity) } : {};
      const state = await this.#finish(id, inputs, {}, { ...begun, ...now }, context);
      const { tagged } = this.#kind;
      if (!tagged || !later) return { id, state };
      const onceRecorded = () => markRecorded(context.client, tagged, id, waitingOf(context, "tagging"));
      return { id, state, onceRecorded };
    });
  }

  read(id: string, known: { inputs?: Inputs; state?: State }, context: Context<Client>) {
    const { title, listing, inputsOf, stateOf } = this.#kind;
    const { inputs: said, state } = known;
    const object = said ? `${this.#named({ ...state, ...said }, context)} (${id})` : id;
    const about = { what: `cannot look at the ${title}`, object };
    return attempt(context.client, about, async () => {
      const row = await findRow(context.client, listing, id);
      if (!row) return undefined;
      const inputs = asSeen(inputsOf(row), known.inputs, this.#kind.isSame);
      return { state: stateOf(row, inputs), inputs };
    });
  }

  update(old: Existing<Inputs, State>, news: Inputs, context: CreateContext<Client, State>) {
    const { title } = this.#kind;
    const name = this.#named({ ...old.state, ...news }, context);
    const about = { what: `cannot update the ${title}`, object: `${name} (${old.id})` };
    return attempt(context.client, about, async () => {
      await this.#endOfCreation(old, context);
      if (!this.#isWhole(old)) await this.#kind.settle?.(old.id, old.inputs, context);
      const marks = { [keyTag]: recorded };
      return { state: await this.#finish(old.id, news, old.state, marks, context) };
    });
  }

  remove(old: Existing<Inputs, State>, context: Context<Client>): Promise<void> {
    const { title, removalAdvice, isProtected } = this.#kind;
    const about = {
      what: `cannot remove the ${title}`,
      object: `${this.#named({ ...old.state, ...old.inputs }, context)} (${old.id})`,
      ...(removalAdvice && { next: removalAdvice }),
    };
    if (isProtected?.(old.state)) throw protectedObject(about, context.urn);
    return attempt(context.client, about, async () => {
      await this.#endOfCreation(old, context);
      if (!this.#isWhole(old)) await this.#endOfSettling(old, context);
      await this.#erase(old.id, old.state, context);
    });
  }

  async removeTries(inputs: Inputs, context: Replacing): Promise<void> {
    const identity = identityOf(context, this.#fixed(inputs));
    const tries = this.#kind.labelOf
      ? (await this.#labelled(identity, context)).begun
      : await this.#begunInJobs(inputs, identity, context);
    for (const row of tries) {
      await this.#kind.settle?.(row.id, inputs, context).catch(() => undefined);
      await this.#removeTry(row, context);
    }
  }

  #named(properties: Partial<Inputs>, { urn }: Context<Client>): string {
    return this.#kind.nameOf(properties) ?? urn.split("::").at(-1) ?? "";
  }

  /** The inputs that an object is made with and keeps. */
  #fixed(inputs: Inputs): Record<string, unknown> {
    const names = replacing(this.#kind.schema);
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name)));
  }

  /** What a past update asked for and never recorded: taken up when it is what is wanted, else removed. */
  async #takeUp(
    inputs: Inputs,
    identity: Identity,
    context: CreateContext<Client, State>,
  ): Promise<string | undefined> {
    if (!this.#kind.labelOf) return undefined;
    const { rows, begun } = await this.#labelled(identity, context);
    this.#refuseStranger(rows, begun, inputs);
    let taken: string | undefined;
    // Objects without tags cannot show that the state knows them: what is being replaced has the same label.
    if (!this.#kind.tagged && context.predecessor.kind === "hidden") return undefined;
    for (const each of begun) {
      if (taken === undefined && this.#fits(each, inputs)) taken = this.#taken(each, context);
      else await this.#removeTry(each, context);
    }
    return taken;
  }

  /** All rows, and those that the label or the mark tells as tries at this object. */
  async #labelled(identity: Identity, context: Replacing): Promise<{ rows: R[]; begun: R[] }> {
    const { command, row, parameters } = this.#kind.listing;
    const rows = await context.client.list(command, row, { ...parameters }, context.signal);
    const stem = nameStem(context.urn, identity);
    const isTry = (each: R) =>
      this.#kind.labelOf?.(each).startsWith(stem) === true ||
      tagsOf(each.tags ?? [])[begunTag]?.startsWith(`${identity.key}.`) === true;
    return { rows, begun: rows.filter((each) => isTry(each) && !isMarked(each)) };
  }

  async #begunInJobs(inputs: Inputs, identity: Identity, context: Replacing): Promise<R[]> {
    const { client, signal } = context;
    const { name } = this.#kind.make(inputs, "");
    const begun: R[] = [];
    for (let count = 0; ; count++) {
      const jobId = jobIdOf(identity, name, count);
      if (!(await client.job(jobId, signal))) return begun;
      const id = await this.#madeBy(jobId, name, context);
      const row = id === undefined ? undefined : await findRow(client, this.#kind.listing, id);
      if (row && !isMarked(row)) begun.push(row);
    }
  }

  /** Of some kinds, instance snapshots for one, CloudStack names the object in the job's result alone. */
  async #madeBy(jobId: string, command: string, context: Context<Client>): Promise<string | undefined> {
    const { client, signal } = context;
    const waiting = waitingOf(context, "waiting for a job that was cut off");
    const outcome = await waitForJob(client, command, jobId, waiting);
    const named = (await client.job(jobId, signal))?.jobinstanceid;
    return named ?? (outcome.kind === "succeeded" ? idIn(outcome.result) : undefined);
  }

  async #make(inputs: Inputs, identity: Identity, context: CreateContext<Client, State>): Promise<string> {
    const label = nameStem(context.urn, identity) + identity.digest;
    const command = this.#kind.make(inputs, label);
    if (!command.sync) return this.#makeInJob(command, inputs, identity, context);
    const answer = await context.client.call(command.name, command.parameters, context.signal);
    const id = idIn(answer);
    if (id === undefined) throw new Error(`${command.name} gave no id`);
    context.save(id, inputs as unknown as Partial<State>);
    return id;
  }

  /** The job's id is known before it is asked for: a try that was cut off is found by it. */
  async #makeInJob(
    { name, parameters }: Command,
    inputs: Inputs,
    identity: Identity,
    context: CreateContext<Client, State>,
  ): Promise<string> {
    const { client, signal } = context;
    for (let count = 0; ; count++) {
      const jobId = jobIdOf(identity, name, count);
      const known = await client.job(jobId, signal);
      if (!known) {
        const asked = await client.submit(name, parameters, signal, jobId);
        return this.#outcome(name, asked.id, asked.jobId, inputs, context);
      }
      const id = known.jobinstanceid ?? (await this.#madeBy(jobId, name, context));
      const row = id === undefined ? undefined : await findRow(client, this.#kind.listing, id);
      if (!row || isMarked(row)) continue;
      if (this.#fits(row, inputs)) {
        this.#taken(row, context);
        return this.#outcome(name, row.id, jobId, inputs, context);
      }
      await this.#removeTry(row, context);
    }
  }

  async #outcome(
    command: string,
    asked: string | undefined,
    jobId: string,
    inputs: Inputs,
    context: CreateContext<Client, State>,
  ): Promise<string> {
    const { client } = context;
    const partly = { ...inputs, jobId } as unknown as Partial<State>;
    if (asked !== undefined) context.save(asked, partly);
    const outcome = await waitForJob(
      client,
      command,
      jobId,
      waitingOf(context, `making the ${this.#kind.title}`),
    );
    if (outcome.kind === "failed") {
      if (asked !== undefined) await this.#erase(asked, {}, context);
      context.forget();
      throw outcome.fault;
    }
    const id = asked ?? (outcome.kind === "succeeded" ? idIn(outcome.result) : undefined);
    if (id === undefined) throw new Error(`${command} gave no id`);
    context.save(id, partly);
    return id;
  }

  /** A creation that timed out goes on in the cloud. */
  async #endOfCreation(old: Existing<Inputs, State>, context: Context<Client>): Promise<void> {
    const { jobId } = old.state as Record<string, unknown>;
    if (this.#isWhole(old) || typeof jobId !== "string") return;
    const waiting = waitingOf(context, `waiting for the ${this.#kind.title}`);
    const outcome = await waitForJob(context.client, "its creation", jobId, waiting);
    if (outcome.kind === "failed") throw outcome.fault;
  }

  #isWhole(old: Existing<Inputs, State>): boolean {
    const state = old.state as Record<string, unknown>;
    return (this.#kind.schema.required ?? []).every((name) => state[name] !== undefined);
  }

  async #settle(id: string, inputs: Inputs, context: CreateContext<Client, State>): Promise<void> {
    try {
      await this.#kind.settle?.(id, inputs, context);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await this.#erase(id, {}, context);
      context.forget();
      throw error;
    }
  }

  /** What is still being made cannot be removed; how it ends does not matter. */
  async #endOfSettling(old: Existing<Inputs, State>, context: Context<Client>): Promise<void> {
    try {
      await this.#kind.settle?.(old.id, old.inputs, context);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** Everything that comes after the creation; done again it changes nothing. */
  async #finish(
    id: string,
    inputs: Inputs,
    old: Partial<State>,
    marks: Readonly<Record<string, string>>,
    context: CreateContext<Client, State>,
  ): Promise<State> {
    const { client } = context;
    const { tagged, listing, changes, fault, stateOf } = this.#kind;
    const found = await findRow(client, listing, id);
    if (!found) throw this.#gone(id, context);
    const commands = changes?.(found, inputs, old) ?? [];
    for (const command of commands) await this.#perform(command, context);
    let tagsMoved = false;
    if (tagged) {
      const wanted = { ...tagsIn(inputs), ...missingMarks(marks, tagsOf(found.tags ?? [])) };
      const names = [...Object.keys(tagsIn(old) ?? {}), ...Object.keys(wanted)];
      const there = Object.fromEntries(
        Object.entries(tagsOf(found.tags ?? [])).filter(([name]) => names.includes(name)),
      );
      tagsMoved = JSON.stringify(there) !== JSON.stringify(wanted);
      await changeTags(client, tagged, id, there, wanted, waitingOf(context, "tagging"));
    }
    const row = commands.length > 0 || tagsMoved ? await findRow(client, listing, id) : found;
    if (!row) throw this.#gone(id, context);
    // A job's end is a claim, and some servers pass over parameters that they do not know.
    const [left] = commands.length > 0 ? (changes?.(row, inputs, old) ?? []) : [];
    if (left) throw this.#withoutEffect(id, left.name);
    const reason = fault?.(row);
    if (reason !== undefined) throw this.#unusable(id, reason, context);
    return stateOf(row, inputs);
  }

  /** An object that is gone already is as good as removed. */
  async #erase(id: string, state: Partial<State>, context: Context<Client>): Promise<void> {
    try {
      await this.#perform(this.#kind.remove(id, state), context);
    } catch (error) {
      if (isFault(error) && !(await findRow(context.client, this.#kind.listing, id))) return;
      throw error;
    }
  }

  async #perform({ name, parameters, sync }: Command, context: Context<Client>): Promise<void> {
    if (sync) await context.client.call(name, parameters, context.signal);
    else await perform(context.client, name, parameters, waitingOf(context, name));
  }

  /** Whether what was made has what the program wants of it, as far as that cannot be changed. */
  #fits(row: R, inputs: Inputs): boolean {
    const seen = this.#fixed(asSeen(this.#kind.inputsOf(row), inputs, this.#kind.isSame));
    return Object.entries(this.#fixed(inputs)).every(([name, value]) => isSameSet(name, seen[name], value));
  }

  #taken(row: R, context: Context<Client>): string {
    context.log.info(`the ${this.#kind.title} was made by an update that was cut off: it is taken up`);
    return row.id;
  }

  async #removeTry(row: R, context: Context<Client>): Promise<void> {
    context.log.info(`a ${this.#kind.title} is left over from an update that was cut off: it is removed`);
    await this.#erase(row.id, {}, context);
  }

  #refuseStranger(rows: readonly R[], own: readonly R[], inputs: Inputs): void {
    const { uniqueName, title, token } = this.#kind;
    const wanted = (inputs as { name?: string }).name;
    if (!uniqueName || wanted === undefined) return;
    const stranger = rows.find((row) => uniqueName(row) === wanted && !own.includes(row));
    if (!stranger) return;
    throw new Problem({
      what: `cannot make the ${title}`,
      object: wanted,
      because: `the account has a ${title} of this name that is not this program's`,
      next: `give another name, or take it over: pulumi import ${token} NAME ${stranger.id}`,
    });
  }

  #gone(id: string, { urn }: { urn: string }): Problem {
    return new Problem({
      what: `the ${this.#kind.title} is gone`,
      object: id,
      because: "it was removed outside of this program, or its creation failed in the cloud",
      next: `pulumi refresh --target '${urn}', then pulumi up`,
    });
  }

  #withoutEffect(id: string, command: string): Problem {
    return new Problem({
      what: `the ${this.#kind.title} did not change`,
      object: id,
      because: `${command} ended well, and the cloud still shows it as it was`,
      next: "pulumi up; if it stays so, this version of CloudStack cannot change it in place",
    });
  }

  #unusable(id: string, because: string, { urn }: { urn: string }): Problem {
    return new Problem({
      what: `the ${this.#kind.title} cannot be used`,
      object: id,
      because,
      next: `pulumi up --replace '${urn}'`,
    });
  }
}

function isMarked(row: Row): boolean {
  return tagsOf(row.tags ?? [])[keyTag] !== undefined;
}

/** CloudStack puts what it made under the name of its kind, or a list of it with a row for each zone. */
function idIn(answer: Readonly<Record<string, unknown>>): string | undefined {
  for (const inner of [answer, ...Object.values(answer).flat()]) {
    const parsed = submitted.pick({ id: true }).safeParse(inner);
    if (parsed.success && parsed.data.id !== undefined) return parsed.data.id;
  }
  return undefined;
}

/**
 * The cloud's view in the program's words: what the program left to the cloud stays left, lists whose order means
 * nothing keep the program's, and tags appear when either side has some.
 */
export function asSeen<Inputs extends object>(
  seen: Partial<Inputs>,
  known: Inputs | undefined,
  isSame: (property: string, a: unknown, b: unknown) => boolean = isSameSet,
): Inputs {
  if (!known) return seen as Inputs;
  const merged = { ...known } as Record<string, unknown>;
  for (const [name, value] of Object.entries(seen)) {
    const wanted = merged[name];
    // A server that leaves a text out says nothing of it.
    const isTold = value !== undefined && value !== "";
    if (wanted !== undefined && isTold && !isSame(name, wanted, value)) merged[name] = value;
  }
  const tags = tagsIn(seen) ?? {};
  if (tagsIn(known) || Object.keys(tags).length > 0) merged.tags = tags;
  return merged as Inputs;
}

function tagsIn(properties: object): Record<string, string> | undefined {
  return (properties as { tags?: Record<string, string> }).tags;
}

/** Lists as sets. */
export function isSameSet(_: string, a: unknown, b: unknown): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(canonical).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, canonical(inner)]),
  );
}

/** Tags as inputs: left out when there are none. */
export function tagInputs(row: Row): { tags?: Record<string, string> } {
  const tags = visibleTags(row.tags ?? []);
  return Object.keys(tags).length > 0 ? { tags } : {};
}
