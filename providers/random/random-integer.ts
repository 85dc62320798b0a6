import { z } from "zod";
import { isUnknown } from "../rpc/index.ts";
import { importRefused } from "./import-refused.ts";
import { type Imported, randomResource } from "./kind.ts";
import { below, seededSource, systemSource } from "./randomness.ts";

export const randomInteger = randomResource({
  name: "RandomInteger",
  description: "A random whole number from a given range.",
  inputs: {
    max: { type: "integer", description: "The maximum inclusive value of the range." },
    min: { type: "integer", description: "The minimum inclusive value of the range." },
    seed: { type: "string", description: "A custom seed to always produce the same value." },
  },
  required: ["max", "min"],
  outputs: { result: { type: "integer", description: "The random integer result." } },
  type: z.looseObject({
    max: z.int(),
    min: z.int(),
    seed: z.string().optional(),
    keepers: z.record(z.string(), z.string()).optional(),
  }),
  faults: ({ min, max }) => {
    if (isUnknown(min) || isUnknown(max) || Number(min) <= Number(max)) return [];
    const reason = "The minimum (min) value needs to be smaller than or equal to maximum (max) value.";
    return [{ property: "min", reason }];
  },
  draw: ({ min, max, seed }) => {
    const source = typeof seed === "string" && seed !== "" ? seededSource(seed) : systemSource;
    const lowest = BigInt(Number(min));
    const result = Number(lowest + below(BigInt(Number(max)) - lowest + 1n, source));
    return { id: String(result), outputs: { result } };
  },
  import: imported,
});

function imported(text: string): Imported {
  const [result, min, max, seed, ...rest] = text.split(",");
  const numbers = [result, min, max].map((part) => (/^-?\d+$/u.test(part ?? "") ? Number(part) : undefined));
  const whole = numbers.every((number) => number !== undefined && Number.isSafeInteger(number));
  if (!whole || rest.length > 0) {
    throw importRefused(
      "RandomInteger",
      `"${text}" has another form`,
      "RESULT,MIN,MAX or RESULT,MIN,MAX,SEED",
    );
  }
  const inputs = { min: numbers[1], max: numbers[2], ...(seed !== undefined && { seed }) };
  return { id: String(result), inputs, outputs: { result: numbers[0] } };
}
