import { commandsOf } from "../../providers/cloudstack/preflight.ts";
import { provider } from "../../providers/cloudstack/provider.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

const file = "docs/cloudstack-provider.md";

/** Up to the first full stop or blank line, without the command in brackets. */
function firstSentence(text: string | undefined): string {
  const [sentence = ""] = (text ?? "").split(/\.(?:\s|$)|\n/u);
  return sentence.replace(/ \(`[^`]*`\)/u, "");
}

const nameOf = (token: string) => token.split(":").at(-1) ?? "";

export const cloudstackConfiguration: GeneratedPart = {
  file,
  name: "configuration",
  text: () =>
    tableOf(
      ["key", ""],
      Object.entries(provider.schema.config?.variables ?? {}).map(([name, { description, secret }]) => [
        `\`${name}\``,
        `${secret ? "Secret. " : ""}${description ?? ""}`,
      ]),
    ),
};

export const cloudstackResources: GeneratedPart = {
  file,
  name: "resources",
  text: () =>
    tableOf(
      ["resource", "", "commands of CloudStack"],
      provider.resources.map(({ token, schema }) => [
        nameOf(token),
        firstSentence(schema.description),
        commandsOf(nameOf(token))
          .map((command) => `\`${command}\``)
          .join(", "),
      ]),
    ),
};

export const cloudstackFunctions: GeneratedPart = {
  file,
  name: "functions",
  text: () =>
    tableOf(
      ["function", ""],
      (provider.functions ?? []).map(({ token, schema }) => [
        nameOf(token),
        firstSentence(schema.description),
      ]),
    ),
};
