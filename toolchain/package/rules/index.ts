/** Every rule of `npm run package`, in the order in which their findings are told. */
import type { Rule } from "../rule.ts";
import { binaryRules } from "./binaries.ts";
import { databaseRules } from "./database.ts";
import { fileRules } from "./files.ts";
import { guiRules } from "./gui.ts";
import { scriptRules } from "./scripts.ts";
import { secretRules } from "./secrets.ts";
import { serviceRules } from "./services.ts";

export const packageRules: readonly Rule[] = [
  ...fileRules,
  ...binaryRules,
  ...guiRules,
  ...databaseRules,
  ...serviceRules,
  ...scriptRules,
  ...secretRules,
];
