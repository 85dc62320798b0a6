/** The command line, taken apart. What follows the command's name is the command's own. */
import { LabProblem } from "../errors.ts";
import { type DriverName, defaultDriver, defaultHome, driverNames, type Home, openHome } from "../home.ts";

export interface Line {
  home: Home;
  driver: DriverName;
  /** Of a new lab. */
  seed: string | undefined;
  command: string | undefined;
  /** As they were typed. */
  args: readonly string[];
}

export function parseLine(given: readonly string[]): Line {
  const rest = [...given];
  let folder = process.env.OSSEA_LAB_HOME || defaultHome;
  let driver: string = defaultDriver;
  let seed: string | undefined;
  let command: string | undefined;
  const args: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    // After ssh NAME everything belongs to the machine's command.
    const free = command === "ssh" && args.length > 0;
    if (!free && word === "--home") folder = optionValue(word, rest);
    else if (!free && word.startsWith("--home=")) folder = word.slice("--home=".length);
    else if (!free && word === "--driver") driver = optionValue(word, rest);
    else if (!free && word.startsWith("--driver=")) driver = word.slice("--driver=".length);
    else if (!free && word === "--seed") seed = optionValue(word, rest);
    else if (!free && word.startsWith("--seed=")) seed = word.slice("--seed=".length);
    else if (command === undefined) command = word === "--help" || word === "-h" ? "help" : word;
    else args.push(word);
  }
  const known = driverNames.find((name) => name === driver);
  if (!known) {
    throw new LabProblem(
      `no such driver: ${driver}`,
      `the drivers are: ${driverNames.join(", ")}`,
      "npm run lab -- up",
    );
  }
  return { home: openHome(folder), driver: known, seed, command, args };
}

function optionValue(option: string, rest: string[]): string {
  const value = rest.shift();
  if (value !== undefined && value !== "") return value;
  throw new LabProblem(`${option} has no value`, "it needs one", `npm run lab -- ${option} VALUE ...`);
}
