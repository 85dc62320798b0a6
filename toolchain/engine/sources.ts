/** The order of sources: the first one that serves wins, the others' reasons are kept. */
import { Problem, Problems } from "../../common/problem.ts";
import type { Refusal } from "./record.ts";

/** A usable engine: a CLI and a Node.js language host. */
export interface FoundEngine {
  version: string;
  cli: string;
  /** Folder with pulumi-language-nodejs and pulumi-resource-pulumi-nodejs. */
  hostFolder: string;
  hostSource: string;
  seconds: Record<string, number>;
}

/** Why a source cannot serve. With `next`, what a person can do about it. */
export interface CannotServe {
  because: string;
  next?: string;
}

export interface EngineSource {
  title: string;
  find(): Promise<FoundEngine | CannotServe>;
}

export interface ChosenEngine {
  engine: FoundEngine;
  source: string;
  refused: readonly Refusal[];
}

/** @throws Problems with every source's reason when none serves */
export async function chooseEngine(sources: readonly EngineSource[]): Promise<ChosenEngine> {
  const refused: (Refusal & { next?: string })[] = [];
  for (const source of sources) {
    const found = await source.find();
    if ("cli" in found) {
      return {
        engine: found,
        source: source.title,
        refused: refused.map(({ source, because }) => ({ source, because })),
      };
    }
    refused.push({ source: source.title, ...found });
  }
  throw new Problems(
    "No Pulumi engine can be had on this machine",
    refused.map(
      ({ source, because, next }) =>
        new Problem({
          what: "cannot get the engine",
          object: source,
          because,
          next: next ?? "see the other sources",
        }),
    ),
  );
}
