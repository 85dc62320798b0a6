/** A Pulumi project of its own, run by the real engine with the stand-ins as its plugins. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureEngine } from "../../../toolchain/engine/engine.ts";
import { ensurePlugin, standInMarker } from "../../../toolchain/engine/plugins.ts";
import { pluginPins } from "../../../toolchain/engine/versions.ts";
import { engineEnvironment } from "../../../toolchain/environment.ts";
import { run } from "../../../toolchain/process.ts";
import { paths, root } from "../../../toolchain/project.ts";

export interface Step {
  /** "create", "update", "replace", "same", ... */
  op: string;
  /** The resource's name. */
  name: string;
}

export interface Stack {
  folder: string;
  program(text: string): void;
  /** What the program finds as JSON in TEST_INPUT. */
  input: Record<string, unknown>;
  pulumi(...args: string[]): Promise<{ code: number | undefined; text: string }>;
  /** As `pulumi`; what it wrote is shown when it fails. */
  must(...args: string[]): Promise<string>;
  /** The engine at work, in a process group of its own. */
  begin(...args: string[]): ChildProcess;
  /** What a preview would do; nothing but "same" is left out. */
  plan(): Promise<Step[]>;
  outputs(): Promise<Record<string, unknown>>;
  state(): Promise<string>;
  remove(): void;
}

export async function makeStack(): Promise<Stack> {
  const { engine } = await ensureEngine(paths);
  const folder = mkdtempSync(join(tmpdir(), "stack-"));
  const at = (name: string) => join(folder, name);
  for (const name of ["home", "state", "program"]) mkdirSync(at(name));
  for (const pin of pluginPins) {
    const placed = await ensurePlugin(pin, {
      pulumiHome: at("home"),
      providers: join(root, "providers"),
      node: paths.node,
      unreachable: "the stand-ins are what is tested",
      downloadLimit: 0,
      cli: engine.cli,
    });
    if (placed.source !== standInMarker) throw new Error(`${pin.name} is not the stand-in`);
  }
  writeFileSync(
    at("program/Pulumi.yaml"),
    "name: trial\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  writeFileSync(at("program/package.json"), '{"type":"module","main":"index.ts"}');
  symlinkSync(join(root, "node_modules"), at("program/node_modules"));
  const environment = () => ({
    ...engineEnvironment({ paths, engine, given: process.env }),
    PULUMI_HOME: at("home"),
    PULUMI_BACKEND_URL: `file://${at("state")}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
    TEST_INPUT: JSON.stringify(stack.input),
  });
  const stack: Stack = {
    folder,
    input: {},
    program: (text) => writeFileSync(at("program/index.ts"), text),
    pulumi: async (...args) => {
      const result = await run(engine.cli, [...args, "--non-interactive"], {
        cwd: at("program"),
        env: environment(),
      });
      return { code: result.code, text: `${result.stdout}${result.stderr}` };
    },
    begin: (...args) =>
      spawn(engine.cli, [...args, "--non-interactive"], {
        cwd: at("program"),
        env: environment(),
        stdio: "ignore",
        detached: true,
      }),
    must: async (...args) => {
      const { code, text } = await stack.pulumi(...args);
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${text}`);
      return text;
    },
    plan: async () => stepsOf(await stack.must("preview", "--json")),
    outputs: async () =>
      JSON.parse(await stack.must("stack", "output", "--json", "--show-secrets")) as Record<string, unknown>,
    state: async () => stack.must("stack", "export"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  await stack.must("stack", "init", "dev");
  return stack;
}

function stepsOf(text: string): Step[] {
  const { steps = [] } = JSON.parse(text.slice(text.indexOf("{"))) as {
    steps?: { op: string; urn: string }[];
  };
  return steps
    .map(({ op, urn }) => ({ op, name: urn.split("::").at(-1) ?? "" }))
    .filter(({ op }) => op !== "same" && op !== "read");
}
