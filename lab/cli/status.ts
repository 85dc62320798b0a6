/** What the lab has and does. */
import { Control } from "../control/client.ts";
import type { Line } from "./line.ts";

/** Exit status 3 when it does not run, as systemctl has it. */
export async function status({ home, args }: Line): Promise<number> {
  const found = await new Control(home).status();
  if (args.includes("--json")) {
    console.log(JSON.stringify(found ?? null, undefined, 2));
    return found ? 0 : 3;
  }
  if (!found) {
    console.log(`not running (${home.folder})`);
    return 3;
  }
  const megabytes = Math.round(found.memory / 1024 ** 2);
  console.log(`running   ${found.url}`);
  console.log(`page      ${found.page}`);
  console.log(
    `          process ${found.pid}, ${found.driver}, up ${found.uptime} s, ${megabytes} MiB, ${found.runningJobs} jobs`,
  );
  section(
    "machines",
    found.instances.map(({ name, state, publicIp, id }) => [name, state, publicIp ?? "", id]),
  );
  section(
    "templates",
    found.templates.map(({ name, state, id }) => [name, state, id]),
  );
  return 0;
}

function section(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  console.log(`${title.padEnd(10)}${rows.length === 0 ? "none" : ""}${lines.join(`\n${" ".repeat(10)}`)}`);
}
