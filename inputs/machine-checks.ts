/** The checks as the appliance itself runs them: one JSON document with everything that a check needs. */
import type { Appliance } from "../appliances/types.ts";
import { asked } from "./asked-checks.ts";
import type { Sources } from "./sources.ts";

/** Where assets/common/probe/run_checks.py finds them on the machine. */
export const machineChecksPath = "/usr/local/lib/ossea/checks.json";

/** On one line. The scripts that checks ask are in it: the appliance has no copy of the project. */
export function machineChecks({ name, title, checks }: Appliance, { files }: Sources): string {
  return JSON.stringify({
    appliance: name,
    title,
    checks: asked(checks).map((check) =>
      check.probe.kind === "script"
        ? { ...check, probe: { ...check.probe, text: files.get(check.probe.script)?.text } }
        : check,
    ),
  });
}
