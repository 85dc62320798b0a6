/** What is asked of the cloud about a template, whoever captured it. */
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../../common/problem.ts";
import type { Context } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findRow, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { growingPauses, JobTimeout, perform } from "../client/jobs.ts";
import { waitingOf } from "./instance-api.ts";

/** Written with the request itself: tells a template that a killed update asked for from everybody else's. */
export const keyDetail = "pulumi-key";

/** One row of the several that CloudStack lists, one for each zone. */
export interface TemplateRow extends answers.Template {
  inZones?: readonly answers.Template[];
}

export const templateListing: Listing<TemplateRow> = {
  command: "listTemplates",
  row: answers.template,
  idsParameter: "ids",
  parameters: { templatefilter: "self" },
  merged: (rows) => ({ ...rows[0], inZones: rows }),
};

export async function findTemplate(
  id: string,
  { client, signal }: Pick<Context<CloudStack>, "client" | "signal">,
): Promise<TemplateRow | undefined> {
  signal.throwIfAborted();
  return findRow(client, templateListing, id);
}

/** @param forced even while instances stand on it */
export async function removeTemplate(
  id: string,
  context: Context<CloudStack>,
  forced = false,
): Promise<void> {
  if (!(await findTemplate(id, context))) return;
  try {
    const parameters = { id, ...(forced && { forced: "true" }) };
    await perform(context.client, "deleteTemplate", parameters, waitingOf(context, "deleting the template"));
  } catch (error) {
    if (await findTemplate(id, context)) throw error;
  }
}

const failures: ReadonlySet<string> = new Set(["DOWNLOAD_ERROR", "UPLOAD_ERROR", "ABANDONED"]);

/** By the states of its stores; what its status says is free text, for people. */
export function isFailed({ downloaddetails }: answers.Template): boolean {
  const states = downloaddetails.flatMap(({ downloadState }) => downloadState ?? []);
  return states.length > 0 && states.every((state) => failures.has(state));
}

/** One row for each zone that has it; none where there is no such template. */
export async function templateByZone(
  id: string,
  context: Pick<Context<CloudStack>, "client" | "signal">,
): Promise<ReadonlyMap<string, answers.Template>> {
  const { inZones = [] } = (await findTemplate(id, context)) ?? {};
  return new Map(inZones.map((row) => [row.zoneid ?? "", row]));
}

/**
 * CloudStack tells of a copy or a download that failed in the lists only: whether it is there is what counts.
 * @param zoneIds all that have a row of it where none are named
 * @throws Problem when it fails in one of them
 */
export async function waitUntilReadyIn(
  id: string,
  zoneIds: readonly string[] | undefined,
  context: Context<CloudStack>,
  failure: { what: string; next: string },
): Promise<void> {
  const { limitSeconds } = waitingOf(context, "");
  const begun = performance.now();
  for (const pause of growingPauses()) {
    const there = await templateByZone(id, context);
    const wanted = zoneIds ?? [...there.keys()];
    const waitedFor = wanted.filter((zone) => there.get(zone)?.isready !== true);
    if (waitedFor.length === 0 && there.size > 0) return;
    const rows = waitedFor.flatMap((zone) => there.get(zone) ?? []);
    const failed = rows.find(isFailed);
    if (failed) {
      const because = `the cloud says of it in ${failed.zonename ?? ""}: ${failed.status ?? ""}`;
      throw new Problem({ ...failure, object: `${failed.name} (${id})`, because });
    }
    const seconds = (performance.now() - begun) / 1000;
    if (limitSeconds !== undefined && seconds > limitSeconds)
      throw new JobTimeout(`of template ${id}`, limitSeconds);
    if (seconds > 2) context.log.status(`waiting for ${said(waitedFor, rows)} (${Math.round(seconds)} s)`);
    await delay(pause, undefined, { signal: context.signal });
  }
}

function said(zones: readonly string[], [row]: readonly answers.Template[]): string {
  const status = row?.status === undefined ? "" : `: ${row.status}`;
  return zones.length === 1 ? `1 zone${status}` : `${zones.length} zones${status}`;
}

/** The two looks at a size are this share of the capture apart: what took minutes does not settle in a blink. */
const calm = 0.1;
const longestCalm = 5000;

/**
 * How long a capture is waited for whose job ended without a result, in seconds. A management server that is restarted
 * takes the copying with it, and the template stays as it is for ever.
 */
export const lostPatience = 60;

/**
 * A job's end is a claim; the list is the evidence: ready in the zone where it was made, and of the same size in two
 * looks one after the other.
 * @param zoneId by default any that lists it
 * @param took milliseconds of the capture
 * @param lost its job ended without a result
 */
export async function waitUntilReady(
  id: string,
  name: string,
  { zoneId, took = 0, lost = false }: { zoneId?: string | undefined; took?: number; lost?: boolean },
  context: Context<CloudStack>,
): Promise<void> {
  const { limitSeconds } = waitingOf(context, "");
  const patience = Math.min(lostPatience, limitSeconds ?? lostPatience);
  const begun = performance.now();
  const between = Math.min(longestCalm, took * calm);
  let before: string | undefined;
  for (const pause of growingPauses()) {
    const row = await findTemplate(id, context);
    const found = row?.inZones?.find(({ zoneid }) => zoneid === zoneId) ?? row;
    if (!found) throw cannotCapture(name, "the cloud lost the template after its job had ended well");
    if (isFailed(found)) throw cannotCapture(name, `the cloud says of it: ${found.status ?? ""}`);
    const sizes = found.isready ? `${found.size} ${found.physicalsize}` : undefined;
    if (sizes !== undefined && sizes === before) return;
    before = sizes;
    const seconds = (performance.now() - begun) / 1000;
    if (lost && seconds > patience) throw neverReady(name, id, patience, context);
    if (limitSeconds !== undefined && seconds > limitSeconds)
      throw new JobTimeout(`of template ${name}`, limitSeconds);
    if (seconds > 2) context.log.status(`waiting until ${name} is ready (${Math.round(seconds)} s)`);
    await delay(Math.max(pause, between), undefined, { signal: context.signal });
  }
}

function neverReady(name: string, id: string, seconds: number, { urn }: { urn: string }): Problem {
  return new Problem({
    what: "cannot capture the template",
    object: `${name} (${id})`,
    because: `its job ended without a result, as when the management server is restarted, and it did not become ready in ${seconds} s`,
    next: `pulumi refresh, then pulumi up; a template that is still there can be removed by the cloud's operator only: pulumi state delete '${urn}' goes on without it`,
  });
}

export function cannotCapture(object: string, because: string): Problem {
  return new Problem({
    what: "cannot capture the template",
    object,
    because,
    next: "pulumi refresh, then pulumi up",
  });
}
