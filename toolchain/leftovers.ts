/** What an update that was killed had begun in the cloud, taken away when its stack is destroyed. */
import { begunIn, removeBegun } from "../providers/cloudstack/leftovers.ts";
import { clientOf } from "../providers/cloudstack/provider.ts";
import { askEngine, type EngineRun } from "./engine-run.ts";

/** The engine's state names it without an id, so that the engine's own destroy cannot. */
export async function removeLeftovers(engine: EngineRun): Promise<void> {
  const begun = begunIn(await askEngine(engine, ["stack", "export", "--stack", engine.stack]));
  if (begun.length === 0) return;
  await removeBegun(begun, clientOf({}, engine.environment), (text) => process.stdout.write(`${text}\n`));
}
