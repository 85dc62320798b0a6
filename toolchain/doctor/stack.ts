/** The stack's configuration, judged by the same code that the program reads it with. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Problems } from "../../common/problem.ts";
import { parseSettings, type Settings } from "../../config.ts";
import { type Finding, fault, ok } from "./finding.ts";

const projectFile = z.object({ name: z.string() });
const stackFile = z.object({ config: z.record(z.string(), z.unknown()).nullish() });

export interface JudgedStack {
  findings: Finding[];
  settings: Settings | undefined;
}

export function judgeStack(root: string, stack: string): JudgedStack {
  const file = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    const known = readdirSync(root).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    return {
      settings: undefined,
      findings: [
        fault(
          "stack",
          stack,
          `there is no Pulumi.${stack}.yaml`,
          `npm run doctor -- --stack ${known[0] ?? "dev"}`,
        ),
      ],
    };
  }
  try {
    const settings = readStackSettings(root, stack);
    const { appliance, zone, network, serviceOffering } = settings;
    const detail = `${appliance.title} in zone ${zone}, network ${network}, service offering ${serviceOffering}`;
    return { settings, findings: [ok("stack", stack, detail)] };
  } catch (error) {
    if (error instanceof Problems) {
      const findings = error.problems.map((problem) =>
        fault("stack", `${problem.what}, ${problem.object}`, problem.because, problem.next),
      );
      return { settings: undefined, findings };
    }
    const because = error instanceof Error ? error.message : String(error);
    return { settings: undefined, findings: [fault("stack", stack, because, `edit Pulumi.${stack}.yaml`)] };
  }
}

/**
 * @param stack one that has a file
 * @throws Problems with every fault of its configuration
 */
export function readStackSettings(root: string, stack: string): Settings {
  const project = projectFile.parse(parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"))).name;
  return parseSettings(
    project,
    stack,
    configValues(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")),
  );
}

/** A stack file's values as the engine hands them to the program: text, and JSON for lists and maps. */
export function configValues(text: string): Record<string, string | undefined> {
  const config = stackFile.parse(parse(text) ?? {}).config ?? {};
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null ? JSON.stringify(value) : String(value),
    ]),
  );
}
