/** What a machine with a screen shows, as a picture in a file. */
import { writeFile } from "node:fs/promises";
import { Control } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import type { Line } from "./line.ts";

export async function screen({ home, args }: Line): Promise<number> {
  const [name, file] = args;
  if (name === undefined || file === undefined) {
    throw new LabProblem(
      "no picture",
      "screen needs a name and a file",
      "npm run lab -- screen NAME FILE.png",
    );
  }
  await writeFile(file, await new Control(home).screen(name));
  console.log(`${name}: ${file}`);
  return 0;
}
