/** npm run bench [NAME...]: the numbers that the project promises, each measured by a file in bench/. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { Problem } from "../../common/problem.ts";
import { show } from "../process.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack } from "../stack.ts";
import type { Command } from "./command.ts";

export const bench: Command = async (args) => {
  const folder = join(paths.root, "bench");
  const known = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".bench.ts")) : [];
  const names = known.map((file) => basename(file, ".bench.ts"));
  const asked = args.length > 0 ? args : names;
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new Problem({
      what: "no such measurement",
      object: unknown ?? "bench/*.bench.ts",
      because: `the measurements are: ${names.join(", ") || "none"}`,
      next: "npm run bench",
    });
  }
  const record = await setUp(["lab"]);
  const environment = await environmentFor(record, defaultStack, true);
  let worst = 0;
  for (const name of asked) {
    process.stdout.write(`\n== ${name}\n`);
    const code = await show(paths.node, [join(folder, `${name}.bench.ts`)], {
      cwd: paths.root,
      env: environment,
    });
    worst = Math.max(worst, code);
  }
  return worst;
};
