/** npm start: set-up, the lab, the stack, and what came of it. */
import { z } from "zod";
import { formatSeconds } from "../../common/progress.ts";
import { readStackSettings } from "../doctor/stack.ts";
import { askEngine, type EngineRun, selectStack, showEngine } from "../engine-run.ts";
import { describeOutputs } from "../outputs.ts";
import { paths } from "../project.ts";
import { environmentFor, setUp } from "../setup.ts";
import { defaultStack, stackArgument } from "../stack.ts";
import type { Command } from "./command.ts";

const lastUpdate = z.array(z.object({ resourceChanges: z.record(z.string(), z.number()).optional() }));

export const start: Command = async (args) => {
  const started = performance.now();
  const { stack = defaultStack, rest } = stackArgument(args);
  const record = await setUp(["lab"]);
  const engine: EngineRun = { stack, environment: await environmentFor(record, stack, true) };
  await selectStack(engine);
  // The engine stops at the first value of a wrong type; here all faults are told together.
  readStackSettings(paths.root, stack);
  const code = await showEngine(engine, [
    "up",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "--stack",
    stack,
    ...rest,
  ]);
  if (code !== 0) {
    process.stderr.write(
      `\nStack ${stack} is not up (exit status ${code}). Its state is usable: mend what is named above, then npm start again.\n`,
    );
    return code;
  }
  const took = formatSeconds((performance.now() - started) / 1000);
  const outputs = JSON.parse(await askEngine(engine, ["stack", "output", "--json", "--stack", stack]));
  const verdict = (await nothingChanged(engine))
    ? `Nothing changed: stack ${stack} is up to date.`
    : `Stack ${stack} is up.`;
  process.stdout.write(`\n${verdict} (${took})\n${describeOutputs(outputs, stack).join("\n")}\n`);
  return 0;
};

async function nothingChanged(engine: EngineRun): Promise<boolean> {
  const answer = await askEngine(engine, [
    "stack",
    "history",
    "--json",
    "--page-size",
    "1",
    "--stack",
    engine.stack,
  ]);
  return isNoChange(lastUpdate.parse(JSON.parse(answer))[0]?.resourceChanges ?? {});
}

export function isNoChange(changes: Readonly<Record<string, number>>): boolean {
  return Object.entries(changes).every(([operation, count]) => operation === "same" || count === 0);
}
