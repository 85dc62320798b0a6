/** A captured template's disk, looked through for what must not be in it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import type { Context, PropertySpec } from "../../rpc/index.ts";
import type * as answers from "../client/answers.ts";
import type { CloudStack } from "../client/client.ts";
import { CloudFault } from "../client/faults.ts";
import { perform } from "../client/jobs.ts";
import { fetchImage } from "../disk-image/fetch.ts";
import { type Finding, type Searched, searchImage } from "../disk-image/search.ts";
import { flag, type Rule } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { extractedUrl } from "./template-extract.ts";

export interface TemplateSearch {
  forbiddenTexts?: Record<string, string>;
  searchRequired?: boolean;
}

/** Shorter texts are found by chance. */
const shortestText = 12;

export const searchProperties: Record<string, PropertySpec> = {
  forbiddenTexts: {
    type: "object",
    additionalProperties: { type: "string" },
    secret: true,
    description:
      "Texts that must not be on the disk, secrets of the build for example, each under a name for messages. After the capture the disk image is fetched (`extractTemplate`) into this computer's folder for temporary files and searched, free space included; when one is found, the template is deleted and the update fails. `qemu-img` reads the image. Where the cloud does not hand it out, `diskSearch` says so.",
  },
  searchRequired: {
    type: "boolean",
    description:
      "The template is deleted and the update fails also when the disk cannot be searched. False by default.",
  },
};

export const searchOutput: PropertySpec = {
  type: "string",
  description: "What came of the search for `forbiddenTexts`: how much was searched, or why it was not.",
};

export const searchRules: Record<string, Rule> = {
  forbiddenTexts: (value) => {
    const parsed = z.record(z.string(), z.string().min(shortestText)).safeParse(value);
    return parsed.success ? undefined : `must be texts of at least ${shortestText} characters, by name`;
  },
  searchRequired: flag,
};

/** Why a template cannot stay. */
export class Unfit extends Problem {}

/**
 * @returns words for the output; undefined when nothing was to be searched for
 * @throws Unfit when a text was found, or when the disk cannot be searched and must be
 */
export async function searchTemplate(
  template: answers.Template,
  { forbiddenTexts = {}, searchRequired = false }: TemplateSearch,
  context: Context<CloudStack>,
): Promise<string | undefined> {
  if (Object.keys(forbiddenTexts).length === 0) return undefined;
  try {
    const { findings, bytes } = await searched(template, forbiddenTexts, context);
    if (findings.length > 0) throw found(template.name, findings);
    return `${bytes} bytes searched for ${Object.keys(forbiddenTexts).length} texts, none found`;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof Unfit) throw error;
    const reason = reasonOf(error);
    if (searchRequired) throw notSearched(template.name, reason);
    context.log.warning(`The disk of ${template.name} was not searched for secrets of the build: ${reason}`);
    return `not searched: ${reason}`;
  }
}

async function searched(
  template: answers.Template,
  texts: Record<string, string>,
  context: Context<CloudStack>,
): Promise<Searched> {
  const { client, signal, log } = context;
  const parameters = { id: template.id, zoneid: template.zoneid ?? "", mode: "HTTP_DOWNLOAD" };
  const waiting = waitingOf(context, "packing the template's disk image");
  const url = extractedUrl(await perform(client, "extractTemplate", parameters, waiting));
  const folder = await mkdtemp(join(tmpdir(), "template-search-"));
  const telling = (doing: string) => {
    let told = performance.now();
    return (done: number, total: number | undefined) => {
      if (performance.now() - told < 2000) return;
      told = performance.now();
      log.status(`${doing} (${percent(done, total)})`);
    };
  };
  try {
    const image = join(folder, "image");
    const onBytes = telling("fetching the template's disk image");
    await fetchImage(new URL(url), image, { authority: client.settings.authority, signal, onBytes });
    return await searchImage(image, texts, { signal, onBytes: telling("searching the template's disk") });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function percent(done: number, total: number | undefined): string {
  return total === undefined ? `${done} bytes` : `${Math.round((100 * done) / Math.max(1, total))} %`;
}

function found(object: string, findings: readonly Finding[]): Unfit {
  const told = findings.map(
    ({ name, places, first }) => `${name} (${places} places, first at byte ${first})`,
  );
  return new Unfit({
    what: "a secret of the build is in the template, which was therefore deleted",
    object,
    because: `on its disk, free space included, there is: ${told.join(", ")}`,
    next: "let what removes it also overwrite it, then build again on a clean machine: the source's disk still holds it",
  });
}

function notSearched(object: string, because: string): Unfit {
  return new Unfit({
    what: "the template could not be searched for secrets of the build, and was therefore deleted",
    object,
    because,
    next: "make it extractable and qemu-img available (apt-get install qemu-utils), or do without searchRequired",
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof CloudFault) return `${error.command} said: ${error.text}`;
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "qemu-img is not installed on this computer";
  return error instanceof Error ? error.message : String(error);
}
