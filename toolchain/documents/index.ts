/** Every generated part of the documents. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cloudstackConfiguration, cloudstackFunctions, cloudstackResources } from "./cloudstack-provider.ts";
import { labCommands, labMissing, labOtherCommands } from "./lab-coverage.ts";
import { firstBootOperations, sealOperations } from "./operations.ts";
import { packageRuleTables } from "./package-rules.ts";
import { type GeneratedPart, withPart } from "./part.ts";
import { proofTwins } from "./proof.ts";
import { troubleshootingChecks, troubleshootingFailures } from "./troubleshooting.ts";

export const generatedParts: readonly GeneratedPart[] = [
  cloudstackConfiguration,
  cloudstackResources,
  cloudstackFunctions,
  labCommands,
  labMissing,
  labOtherCommands,
  troubleshootingFailures,
  troubleshootingChecks,
  packageRuleTables,
  proofTwins,
  sealOperations,
  firstBootOperations,
];

/** @returns the documents that differ from their records, by path, as they should be */
export function movedDocuments(root: string): Map<string, string> {
  const fresh = new Map<string, string>();
  for (const part of generatedParts) {
    const text = fresh.get(part.file) ?? readFileSync(join(root, part.file), "utf8");
    fresh.set(part.file, withPart(text, part));
  }
  for (const [file, text] of fresh) if (readFileSync(join(root, file), "utf8") === text) fresh.delete(file);
  return fresh;
}

export function writeDocuments(root: string): string[] {
  const moved = movedDocuments(root);
  for (const [file, text] of moved) writeFileSync(join(root, file), text);
  return [...moved.keys()];
}
