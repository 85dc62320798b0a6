/** What was found or made, and where it came from: written once, read by every later command and by doctor. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

const refusal = z.object({ source: z.string(), because: z.string() });

const record = z.object({
  /** Digest of the pins and flags that this engine answers to. */
  key: z.string(),
  engine: z.object({
    version: z.string(),
    source: z.string(),
    cli: z.string(),
    /** Folder with the Node.js language host. */
    hostFolder: z.string(),
    hostSource: z.string(),
    /** Size and change time of the CLI, to notice an upgrade or a removal. */
    mark: z.string(),
  }),
  plugins: z.array(
    z.object({ name: z.string(), version: z.string(), source: z.string(), folder: z.string() }),
  ),
  /** Sources that came first and could not serve, and why. */
  refused: z.array(refusal),
  seconds: z.record(z.string(), z.number()),
});

export type EngineRecord = z.infer<typeof record>;
export type Refusal = z.infer<typeof refusal>;

/** @returns undefined when there is none, or it answers to other pins, or its parts have moved */
export function readRecord(file: string, key: string): EngineRecord | undefined {
  if (!existsSync(file)) return undefined;
  const parsed = record.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!parsed.success || parsed.data.key !== key) return undefined;
  const { engine, plugins } = parsed.data;
  const whole = existsSync(engine.hostFolder) && plugins.every(({ folder }) => existsSync(folder));
  return whole && markOf(engine.cli) === engine.mark ? parsed.data : undefined;
}

export function writeRecord(file: string, content: EngineRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

export function markOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.size}-${Math.floor(found.mtimeMs)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
