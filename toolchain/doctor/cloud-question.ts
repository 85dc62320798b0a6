/** How doctor asks a cloud: one signed request, no retry, so that every fault is seen as it is. */
import { z } from "zod";
import type { Settings } from "../../config.ts";
import { signedForm } from "../../providers/cloudstack/client/signature.ts";
import type { CloudCall, CloudQuestion } from "./cloud.ts";
import { type Finding, fault } from "./finding.ts";

const requestLimit = 20_000;

export const cloudVariables = ["CLOUDSTACK_API_URL", "CLOUDSTACK_API_KEY", "CLOUDSTACK_SECRET_KEY"] as const;

export interface CloudKeys {
  url: string;
  apiKey: string;
  secretKey: string;
}

/** @returns the keys, or a finding for each one that is missing or mistyped */
export function cloudKeys(environment: Readonly<Record<string, string | undefined>>): CloudKeys | Finding[] {
  const [url, apiKey, secretKey] = cloudVariables.map((name) => environment[name]);
  const faults = cloudVariables
    .filter((name) => !environment[name])
    .map((name) => fault("cloud", name, "is not set", `export ${name}=...`));
  if (url && !URL.canParse(url)) {
    faults.push(
      fault(
        "cloud",
        "CLOUDSTACK_API_URL",
        "is not a URL",
        "export CLOUDSTACK_API_URL=https://HOST/client/api",
      ),
    );
  }
  return url && apiKey && secretKey && faults.length === 0 ? { url, apiKey, secretKey } : faults;
}

export function cloudQuestion(keys: CloudKeys, settings: Settings | undefined): CloudQuestion {
  return { settings, call: callWith(keys), clock: () => clockOf(keys.url), now: () => new Date() };
}

async function clockOf(url: string): Promise<Date | undefined> {
  const answer = await request(`${url}?command=listCapabilities&response=json`);
  const told = answer.headers.get("date");
  return told === null ? undefined : new Date(told);
}

const answerShape = z.record(z.string(), z.record(z.string(), z.unknown()));

function callWith(keys: CloudKeys): CloudCall {
  return async (command, parameters = {}) => {
    const query = signedForm(command, parameters, keys, new Date());
    const answer = await request(`${keys.url}?${query}`);
    const text = await answer.text();
    const parsed = answerShape.safeParse(parseJson(text));
    if (!parsed.success)
      throw new Error(`HTTP ${answer.status}, and the answer is not CloudStack's: ${text.slice(0, 80)}`);
    const inner = Object.values(parsed.data)[0] ?? {};
    if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${String(inner.errortext ?? "no reason given")}`);
    return inner;
  };
}

async function request(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(requestLimit) });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(`${new URL(url).host} does not answer: ${cause}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
