/**
 * A command is a record: name, parameters, what it does. One file in commands/ each; parsing, error texts, listApis
 * and the coverage table come from the record.
 */
import type { Caller } from "../cloud/call-context.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { EventKind } from "../cloud/events.ts";
import type { Plan } from "../cloud/jobs.ts";
import type { Account, Job } from "../cloud/model.ts";
import { integer, type Parameters, text, type Values } from "./parameters.ts";

export interface Call<P extends Parameters> {
  readonly values: Values<P>;
  /** Who calls. */
  readonly caller: Caller;
  /** Whose the things are that are made or meant by name: the caller's own, or as the parameters say. */
  readonly account: Account;
  readonly method: "GET" | "POST";
  /** Page and size that a list was asked for; undefined where neither was given. */
  readonly page: Page | undefined;
  /** Lower case, as error texts give it. */
  readonly command: string;
}

export interface Page {
  /** From 1. */
  readonly number: number;
  /** -1 for everything. */
  readonly size: number;
}

/** What goes inside the outer key of the answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** Response fields as listApis tells them: name and type. */
export type ResponseFields = Readonly<Record<string, string>>;

interface Common<P extends Parameters> {
  readonly name: string;
  readonly description: string;
  /** How the event log tells of it; of what only looks there is none. */
  readonly event?: EventKind;
  /** Version that introduced it. */
  readonly since?: string;
  readonly params: P;
  readonly response: ResponseFields;
  /** Roles by default of the server: everybody, or the root administrator alone. */
  readonly adminOnly?: boolean;
  /** Its parameter `account` names what the command is about, and no owner. */
  readonly namesAccounts?: boolean;
  /** Where the outer key is not the lower-case name and "response". */
  readonly outerKey?: string;
}

export interface SyncSpec<P extends Parameters> extends Common<P> {
  readonly list?: boolean;
  run(call: Call<P>, cloud: Cloud): Answer | Promise<Answer>;
}

export interface AsyncSpec<P extends Parameters> extends Common<P> {
  /** Class of the command after org.apache.cloudstack.api.command., as job results show it. */
  readonly commandClass: string;
  /** Whether the answer carries the new object's id beside the job's. */
  readonly creates?: boolean;
  /** Checks the request and makes the first change; runs in one transaction with the job's own row. */
  submit(call: Call<P>, cloud: Cloud): Plan;
  /**
   * After a restart: how the interrupted work is taken up again, from whatever state it was left in. Without it the
   * outcome is lost, as with the real server.
   */
  resume?(job: Job, cloud: Cloud): Plan;
}

export type Command =
  | ({ readonly kind: "sync" } & SyncSpec<Parameters>)
  | ({ readonly kind: "async" } & AsyncSpec<Parameters>);

const listParams = {
  page: integer("page, from 1; only together with pagesize"),
  pagesize: integer("rows of a page; at most 500, -1 for all; only together with page"),
  keyword: text("substring of the name"),
};

const asyncParams = { customjobid: text("the job's id, chosen by the caller") };

export type ListParams = typeof listParams;

export function command<const P extends Parameters>(spec: SyncSpec<P>): Command {
  return { kind: "sync", ...erase(spec) };
}

/** A list's own parameters; those of paging come along. */
export interface ListSpec<P extends Parameters> extends Common<P> {
  run(call: Call<P & ListParams>, cloud: Cloud): Answer | Promise<Answer>;
}

export function listCommand<const P extends Parameters>(spec: ListSpec<P>): Command {
  return { kind: "sync", ...erase({ ...spec, list: true, params: { ...spec.params, ...listParams } }) };
}

export function asyncCommand<const P extends Parameters>(spec: AsyncSpec<P>): Command {
  return { kind: "async", ...erase({ ...spec, params: { ...spec.params, ...asyncParams } }) };
}

/** The registry holds commands of all parameters; each is only ever called with its own, which readParameters made. */
function erase<P extends Parameters, Spec extends Common<P>>(spec: Spec): Omit<Spec, "params"> & AnySpec {
  return spec as unknown as Omit<Spec, "params"> & AnySpec;
}

type AnySpec = SyncSpec<Parameters> & AsyncSpec<Parameters>;
