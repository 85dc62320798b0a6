import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { renderHtml } from "./html.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Proof } from "./model.ts";

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

/** Writes every form of a proof. A reader never meets half a file: each is renamed into its place. */
export async function writeReport(directory: string, proof: Proof): Promise<Written> {
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true });
  const digests: Record<string, string> = {};
  for (const [name, render] of Object.entries(forms)) {
    const text = render(proof);
    const temporary = join(folder, `.${name}.${process.pid}`);
    await writeFile(temporary, text);
    await rename(temporary, join(folder, name));
    digests[name] = createHash("sha256").update(text).digest("hex");
  }
  return { path: join(folder, "report.html"), digests };
}
