/** What two clones are compared by, from the records. */
import { commonTwins, databaseTwins } from "../../appliances/checks/twins.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

export const proofTwins: GeneratedPart = {
  file: "docs/proof.md",
  name: "twin checks",
  text: () =>
    tableOf(
      ["comparison", "what must hold", "why"],
      [...commonTwins, ...databaseTwins].map(({ id, title, why }) => [`\`${id}\``, title, why]),
    ),
};
