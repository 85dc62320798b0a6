/** A real browser, and where its pictures are kept: test artifacts, looked at by people. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";

const artifacts = resolve(import.meta.dirname, "../../.ossea/artifacts");

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/** Path of a picture of this name. */
export function picture(name: string): string {
  mkdirSync(artifacts, { recursive: true });
  return join(artifacts, `${name}.png`);
}
