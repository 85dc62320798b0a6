import { z } from "zod";
import { randomResource } from "./kind.ts";
import { adjectives, adverbs, animals } from "./pet-words.ts";
import { pick, systemSource } from "./randomness.ts";

export const randomPet = randomResource({
  name: "RandomPet",
  description: "A random pet name, to be used as unique identifier for other resources.",
  inputs: {
    length: { type: "integer", description: "The length (in words) of the pet name. Defaults to 2." },
    prefix: { type: "string", description: "A string to prefix the name with." },
    separator: {
      type: "string",
      description: 'The character to separate words in the pet name. Defaults to "-".',
    },
  },
  required: [],
  outputs: {},
  type: z.looseObject({
    length: z.int().min(1).optional(),
    prefix: z.string().optional(),
    separator: z.string().optional(),
    keepers: z.record(z.string(), z.string()).optional(),
  }),
  planned: (inputs) => ({ length: 2, separator: "-", ...inputs }),
  draw: ({ length, prefix, separator }) => {
    const words = petWords(Number(length));
    const parts = typeof prefix === "string" && prefix !== "" ? [prefix, ...words] : words;
    return { id: parts.join(String(separator)), outputs: {} };
  },
});

/** "heron", "calm-heron", "barely-calm-heron", "mostly-barely-calm-heron", ... */
function petWords(length: number): string[] {
  const draw = (words: readonly string[]) => pick(words, systemSource);
  const before = Array.from({ length: Math.max(0, length - 2) }, () => draw(adverbs));
  return [...before, ...(length > 1 ? [draw(adjectives)] : []), draw(animals)];
}
