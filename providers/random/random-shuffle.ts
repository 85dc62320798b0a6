import { z } from "zod";
import type { Properties } from "../rpc/index.ts";
import { randomResource } from "./kind.ts";
import { seededSource, shuffled, systemSource } from "./randomness.ts";

const texts = { type: "array", items: { type: "string" } } as const;

export const randomShuffle = randomResource({
  name: "RandomShuffle",
  description: "A random permutation of a list of strings.",
  inputs: {
    inputs: { ...texts, description: "The list of strings to shuffle." },
    resultCount: {
      type: "integer",
      description:
        "The number of results to return; all by default. If more items are requested than there are, items are repeated, but none more often than another by more than one.",
    },
    seed: {
      type: "string",
      description: "Arbitrary string with which to seed the random number generator.",
    },
  },
  required: ["inputs"],
  outputs: { results: { ...texts, description: "Random permutation of the list of strings." } },
  type: z.looseObject({
    inputs: z.array(z.string()),
    resultCount: z.int().min(0).optional(),
    seed: z.string().optional(),
    keepers: z.record(z.string(), z.string()).optional(),
  }),
  draw: (planned) => ({ id: "-", outputs: { results: permutations(planned) } }),
});

function permutations({ inputs, resultCount, seed }: Properties): string[] {
  const items = inputs as string[];
  const wanted = Number(resultCount ?? 0) || items.length;
  const source = typeof seed === "string" && seed !== "" ? seededSource(seed) : systemSource;
  const results: string[] = [];
  while (results.length < wanted && items.length > 0) results.push(...shuffled(items, source));
  return results.slice(0, wanted);
}
