/** The engine as the project runs it, with its output kept away unless it fails. */
import { run } from "../../toolchain/process.ts";

export async function pulumi(args: readonly string[], cwd: string, env = process.env): Promise<string> {
  const result = await run("pulumi", args, { cwd, env });
  if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}
