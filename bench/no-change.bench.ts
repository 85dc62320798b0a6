/** `up` with nothing to do, against an empty program's `up`: what this project adds to the engine itself. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../toolchain/project.ts";
import { pulumi } from "./support/engine.ts";
import { inTurn, median, printRatio, printSeries } from "./support/figures.ts";

const rounds = 5;
const promisedRatio = 1.5;

const empty = mkdtempSync(join(tmpdir(), "empty-program-"));
try {
  writeFileSync(
    join(empty, "Pulumi.yaml"),
    "name: empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
  );
  writeFileSync(join(empty, "package.json"), '{ "name": "empty", "type": "module", "main": "index.ts" }\n');
  writeFileSync(join(empty, "index.ts"), "export {};\n");
  symlinkSync(join(root, "node_modules"), join(empty, "node_modules"));
  mkdirSync(join(empty, "state"));
  const env = { ...process.env, PULUMI_BACKEND_URL: `file://${join(empty, "state")}` };
  await pulumi(["stack", "select", "--create", "--stack", "dev"], empty, env);
  const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];
  await pulumi(up, empty, env);
  await pulumi([...up, "--expect-no-changes"], root);

  const [ours, baseline] = await inTurn(rounds, [
    { title: "up of stack dev, no change", work: () => pulumi([...up, "--expect-no-changes"], root) },
    { title: "up of an empty program, no change", work: () => pulumi(up, empty, env) },
  ]);
  if (!ours || !baseline) throw new Error("nothing was measured");
  printSeries(ours);
  printSeries(baseline);
  const ratio = median(ours.seconds) / median(baseline.seconds);
  if (!printRatio("no-change up to empty program", ratio, promisedRatio)) process.exitCode = 1;
} finally {
  rmSync(empty, { recursive: true, force: true });
}
