/** The system this runs on, and its programs. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface OsRelease {
  /** "debian", "ubuntu" */
  id: string;
  /** "12", "24.04" */
  version: string;
  title: string;
}

export const supportedSystems: readonly { id: string; version: string }[] = [
  { id: "debian", version: "12" },
  { id: "ubuntu", version: "24.04" },
];

export function parseOsRelease(text: string): OsRelease {
  const values = new Map(
    text.split("\n").flatMap((line) => {
      const found = /^([A-Z_]+)="?([^"]*)"?$/.exec(line.trim());
      return found ? [[found[1] ?? "", found[2] ?? ""] as const] : [];
    }),
  );
  return {
    id: values.get("ID") ?? "unknown",
    version: values.get("VERSION_ID") ?? "",
    title: values.get("PRETTY_NAME") ?? "unknown system",
  };
}

export function readOsRelease(): OsRelease {
  const file = "/etc/os-release";
  return parseOsRelease(existsSync(file) ? readFileSync(file, "utf8") : "");
}

/** Full path of a program; the system folders count too, which a user's PATH may lack. */
export function programPath(
  program: string,
  searchPath: string = process.env.PATH ?? "",
): string | undefined {
  const folders = [...searchPath.split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
