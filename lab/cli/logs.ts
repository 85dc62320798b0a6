/** The lab's log. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Home } from "../home.ts";
import type { Line } from "./line.ts";

export async function logs({ home, args }: Line): Promise<number> {
  if (!existsSync(home.log)) {
    console.log("no log yet: this lab never ran");
    return 0;
  }
  const follow = args.includes("-f") || args.includes("--follow");
  const child = spawn("tail", follow ? ["-n", "100", "-F", home.log] : ["-n", "+1", home.log], {
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 0));
  });
}

export function lastLines(home: Home, count: number): string {
  if (!existsSync(home.log)) return "";
  return readFileSync(home.log, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
