/** The operations of seal and first boot, each from the record at its script's head. */
import { appliances } from "../../appliances/index.ts";
import { type Operation, readSources, type Sources } from "../../inputs/sources.ts";
import { paths } from "../project.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

const file = "docs/seal-and-first-boot.md";

export const sealOperations: GeneratedPart = {
  file,
  name: "seal",
  text: () => operationTable(({ seal }) => seal),
};

export const firstBootOperations: GeneratedPart = {
  file,
  name: "first boot",
  text: () => operationTable(({ firstBoot }) => firstBoot),
};

/** Those of all appliances, each once. */
function operationTable(chosen: (sources: Sources) => readonly Operation[]): string {
  const all = Object.values(appliances).flatMap((appliance) =>
    chosen(readSources(paths.root, appliance).sources),
  );
  const operations = [...new Map(all.map((operation) => [operation.source.path, operation])).values()];
  return tableOf(
    ["", "operation", "what it does", "why", "verified by"],
    operations
      .sort((a, b) => a.order - b.order)
      .map(({ order, title, what, why, verifiedBy }) => [
        String(order),
        title,
        what,
        why,
        verifiedBy.map((id) => `\`${id}\``).join(", "),
      ]),
  );
}
