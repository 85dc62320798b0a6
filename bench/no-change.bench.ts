/**
 * `up` with nothing to do, against an empty program's `up`: what this project adds to the engine itself. Beside them, a
 * program that only registers as many empty components as this one has resources: what the engine and its SDK take for
 * the number alone, without a provider, a file or a property.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../toolchain/project.ts";
import { pulumi } from "./support/engine.ts";
import { inTurn, median, printRatio, printSeries, type Series } from "./support/figures.ts";

const rounds = 5;
const promisedRatio = 1.5;

const folder = mkdtempSync(join(tmpdir(), "no-change-"));
const env = { ...process.env, PULUMI_BACKEND_URL: `file://${join(folder, "state")}` };
const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];

/** @param text the program; run once, so that the next run has nothing to do */
async function program(name: string, text: string): Promise<string> {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(
    join(home, "Pulumi.yaml"),
    `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n`,
  );
  writeFileSync(join(home, "package.json"), `{ "name": "${name}", "type": "module", "main": "index.ts" }\n`);
  writeFileSync(join(home, "index.ts"), text);
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
  await pulumi(["stack", "select", "--create", "--stack", "dev"], home, env);
  await pulumi(up, home, env);
  return home;
}

function emptyComponents(count: number): string {
  return `import { ComponentResource } from "@pulumi/pulumi";
import "${join(root, "common", "native-stack-traces.ts")}";
for (let index = 0; index < ${count}; index++) new ComponentResource("empty:index:Component", String(index));
`;
}

try {
  mkdirSync(join(folder, "state"));
  await pulumi([...up, "--expect-no-changes"], root);
  const { deployment } = JSON.parse(await pulumi(["stack", "export", "--stack", "dev"], root)) as {
    deployment: { resources: unknown[] };
  };
  const count = deployment.resources.length;
  const empty = await program("empty", "export {};\n");
  const components = await program("components", emptyComponents(count));

  const [ours, baseline, least] = await inTurn(rounds, [
    { title: "up of stack dev, no change", work: () => pulumi([...up, "--expect-no-changes"], root) },
    { title: "up of an empty program, no change", work: () => pulumi(up, empty, env) },
    { title: `up of ${count} empty components, no change`, work: () => pulumi(up, components, env) },
  ]);
  if (!ours || !baseline || !least) throw new Error("nothing was measured");
  for (const series of [ours, baseline, least]) printSeries(series);
  const times = (series: Series) => median(series.seconds) / median(baseline.seconds);
  process.stdout.write(`${count} empty components to empty program: ${times(least).toFixed(2)} times\n`);
  if (!printRatio("no-change up to empty program", times(ours), promisedRatio)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
