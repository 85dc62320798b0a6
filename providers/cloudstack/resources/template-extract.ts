import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import type { Context, ResourceHandler } from "../../rpc/index.ts";
import type { CloudStack } from "../client/client.ts";
import { perform } from "../client/jobs.ts";
import { faultsIn, filledText, missing, textMap } from "./inputs.ts";
import { waitingOf } from "./instance-api.ts";
import { attempt } from "./problems.ts";
import { resourceSchema, triggersProperty } from "./properties.ts";
import { templateByZone } from "./template-api.ts";

export interface TemplateExtractInputs {
  templateId: string;
  zoneId: string;
  triggers?: Record<string, string>;
}

export interface TemplateExtractState extends TemplateExtractInputs {
  url: string;
  templateName: string;
  created: string;
}

/** The answers by which a server says that the file is no more there; that it cannot be reached says nothing. */
const goneStatuses: ReadonlySet<number> = new Set([403, 404, 410]);

const lookSeconds = 10;

const extracted = z.object({ template: z.object({ url: z.string().min(1), name: z.string().catch("") }) });

export const templateExtract: ResourceHandler<TemplateExtractInputs, TemplateExtractState, CloudStack> = {
  token: "cloudstack:index:TemplateExtract",
  schema: resourceSchema({
    description:
      "A URL under which a template's disk image can be fetched (`extractTemplate`). CloudStack takes it away after some hours (`extract.url.expiration.interval`): a refresh finds that out, and the next update makes a new one. The template must be extractable, unless an administrator asks.\n\nCannot be imported: CloudStack lists no such URLs.",
    inputs: {
      templateId: { type: "string", willReplaceOnChanges: true },
      zoneId: { type: "string", willReplaceOnChanges: true, description: "Where the image is taken from." },
      triggers: triggersProperty,
    },
    required: ["templateId", "zoneId"],
    outputs: {
      url: { type: "string", secret: true, description: "Whoever has it can fetch the image." },
      templateName: { type: "string" },
      created: { type: "string", description: "When it was asked for." },
    },
    present: ["templateId", "zoneId", "url", "templateName", "created"],
  }),
  stable: ["url", "templateName", "created"],

  check: (news) => ({
    inputs: news,
    faults: [
      ...missing({ ...news }, ["templateId", "zoneId"]),
      ...faultsIn({ ...news }, { templateId: filledText, zoneId: filledText, triggers: textMap }),
    ],
  }),

  create: (inputs, context) => {
    const about = {
      what: "cannot extract the template",
      object: inputs.templateId,
      next: { invalid: "set extractable on the template, or look whether it is in this zone" },
    };
    return attempt(context.client, about, async () => {
      const { templateId, zoneId } = inputs;
      const parameters = { id: templateId, zoneid: zoneId, mode: "HTTP_DOWNLOAD" };
      const waiting = waitingOf(context, "packing the template's disk image");
      const result = await perform(context.client, "extractTemplate", parameters, waiting);
      const { template } = extracted.parse(result);
      const state = {
        ...inputs,
        url: extractedUrl(result),
        templateName: template.name,
        created: new Date().toISOString(),
      };
      return { id: `${templateId}/${zoneId}`, state };
    });
  },

  read: async (id, known, context) => {
    const { inputs, state } = known;
    if (!inputs || state?.url === undefined) throw notImported(id);
    const about = { what: "cannot look at the template", object: inputs.templateId };
    const there = await attempt(context.client, about, () => templateByZone(inputs.templateId, context));
    if (!there.has(inputs.zoneId) || (await isGone(state.url, context))) return undefined;
    return { state: state as TemplateExtractState, inputs };
  },

  /** The image goes when its time is over; no command takes it away before. */
  delete: async () => undefined,
};

/** Where the image can be fetched, from what `extractTemplate` answers. */
export function extractedUrl(result: unknown): string {
  const { url } = extracted.parse(result).template;
  // Older versions give it percent-encoded.
  return url.includes("://") ? url : decodeURIComponent(url);
}

async function isGone(url: string, { signal }: Context<CloudStack>): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(lookSeconds * 1000)]);
    return goneStatuses.has((await fetch(url, { method: "HEAD", signal: limit })).status);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function notImported(id: string): Problem {
  return new Problem({
    what: "a download URL cannot be imported",
    object: id,
    because: "CloudStack does not list the URLs that it has given",
    next: "leave the import out: pulumi up makes a new URL",
  });
}
