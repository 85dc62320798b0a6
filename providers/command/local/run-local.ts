/** Runs a command on this machine and gathers what it says and which files it left. */
import type { Archive, Asset, Context, Properties } from "../../rpc/index.ts";
import { commandFailed } from "../failure.ts";
import { type Output, previousVariables, trimmed } from "../lifecycle.ts";
import { ShownOutput } from "../logging.ts";
import type { Workplace } from "../workplace.ts";
import { archiveOf, assetsOf } from "./files.ts";
import { runProcess } from "./process.ts";

type LocalOutput = Output & { assets?: Record<string, Asset>; archive?: Archive };

export async function runLocal(
  command: string,
  inputs: Properties,
  previous: Output | undefined,
  { log, signal }: Context<Workplace>,
): Promise<LocalOutput> {
  const shown = new ShownOutput(log, inputs.logging);
  const directory = String(inputs.dir ?? process.cwd());
  let output = "";
  const result = await runProcess({
    command,
    interpreter: inputs.interpreter as string[] | undefined,
    directory,
    environment: {
      ...process.env,
      ...(inputs.environment as Record<string, string> | undefined),
      ...previousVariables(inputs, previous, log.warning),
    },
    stdin: String(inputs.stdin ?? ""),
    signal,
    hear: (stream, text) => {
      output += text;
      shown.hear(stream, text);
    },
  });
  shown.end();
  if (result.end !== "exit status 0") {
    const next = `look at what it wrote; it ran in ${directory}`;
    throw commandFailed({ command, end: result.end, output, place: "this machine", next });
  }
  const { assetPaths, archivePaths } = inputs as Record<string, string[] | undefined>;
  return {
    stdout: trimmed(result.stdout),
    stderr: trimmed(result.stderr),
    ...(assetPaths && { assets: await assetsOf(directory, assetPaths) }),
    ...(archivePaths && { archive: await archiveOf(directory, archivePaths) }),
  };
}
