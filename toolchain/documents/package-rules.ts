/** What npm run package looks at: from its rules. */
import { packageRules } from "../package/rules/index.ts";
import { type GeneratedPart, tableOf } from "./part.ts";

export const packageRuleTables: GeneratedPart = {
  file: "docs/own-package.md",
  name: "rules",
  text() {
    const groups = Map.groupBy(packageRules, ({ id }) => id.slice(0, id.indexOf("/")));
    return [...groups]
      .flatMap(([group, rules]) => [
        `### ${group}`,
        "",
        tableOf(
          ["rule", "what must hold", "why", "what to do"],
          rules.map(({ id, severity, title, why, fix }) => [
            `\`${id}\`${severity === "warning" ? " (warning)" : ""}`,
            title,
            why,
            fix,
          ]),
        ),
        "",
      ])
      .join("\n");
  },
};
