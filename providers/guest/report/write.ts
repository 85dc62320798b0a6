import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { renderHtml } from "./html.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Proof, ProofRun } from "./model.ts";

export interface Written {
  /** Absolute path of report.html. */
  path: string;
  /** File name -> SHA-256. */
  digests: Record<string, string>;
}

const forms = {
  "report.json": renderJson,
  "report.md": renderMarkdown,
  "junit.xml": renderJunit,
  "report.html": renderHtml,
};

const runsFolder = "runs";

interface KeptRun {
  /** Of which build it is. */
  fingerprint: Proof["fingerprint"];
  endedAt: string;
  run: ProofRun;
}

/** Keeps one run, red or green, beside the report, for a report that is written before all runs are done. */
export async function keepRun(
  directory: string,
  fingerprint: Proof["fingerprint"],
  run: ProofRun,
): Promise<void> {
  const folder = join(resolve(directory), runsFolder);
  await mkdir(folder, { recursive: true });
  const kept: KeptRun = { fingerprint, endedAt: new Date().toISOString(), run };
  await place(join(folder, `${run.machine}-${run.phase}.json`), `${JSON.stringify(kept, undefined, 2)}\n`);
}

/** The kept runs of one build, in the order in which they ended. */
export async function runsOfBuild(directory: string, fingerprint: Proof["fingerprint"]): Promise<ProofRun[]> {
  const folder = join(resolve(directory), runsFolder);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  const kept = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as KeptRun),
  );
  return kept
    .filter((one) => isDeepStrictEqual(one.fingerprint, fingerprint))
    .sort((one, other) => one.endedAt.localeCompare(other.endedAt))
    .map(({ run }) => run);
}

/** Writes every form of a proof. A reader never meets half a file: each is renamed into its place. */
export async function writeReport(directory: string, proof: Proof): Promise<Written> {
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true });
  const digests: Record<string, string> = {};
  for (const [name, render] of Object.entries(forms)) {
    const text = render(proof);
    await place(join(folder, name), text);
    digests[name] = createHash("sha256").update(text).digest("hex");
  }
  return { path: join(folder, "report.html"), digests };
}

let drafts = 0;

async function place(path: string, text: string): Promise<void> {
  drafts += 1;
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}-${drafts}`);
  await writeFile(draft, text);
  await rename(draft, path);
}
