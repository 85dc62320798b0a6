/** Generates an SDK from its provider's schema; the result is committed under sdks/. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../../common/problem.ts";
import { step } from "../../common/progress.ts";
import { judgeGo, neededGo, systemGo } from "../engine/go-build.ts";
import { lastWords, run } from "../process.ts";
import type { ProjectPaths } from "../project.ts";
import { sourceDigest } from "./build.ts";

/** Providers with an SDK of the project's own. */
export const sdkProviders: readonly string[] = ["cloudstack", "guest"];

/** Written beside the generated files: from what schema they came, and what they were. */
export interface GeneratedMark {
  schema: string;
  files: string;
}

export const markFile = "generated.json";

export async function generateSdk(
  paths: ProjectPaths,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const provider = join(paths.root, "providers", name);
  if (!existsSync(join(provider, `pulumi-resource-${name}`))) {
    throw sdkProblem(name, `${provider}/pulumi-resource-${name} is not there`);
  }
  await step(`Generating the SDK ${name}`, async () => {
    const schema = await readSchema(provider, name, environment);
    const folder = join(paths.root, "sdks", name);
    mkdirSync(join(paths.root, "sdks"), { recursive: true });
    const fresh = mkdtempSync(join(paths.own, `sdk-${name}-`));
    try {
      await generateInto(paths, fresh, name, schema);
      const mark: GeneratedMark = { schema: schemaDigest(schema), files: sourceDigest(fresh) };
      writeFileSync(join(fresh, markFile), `${JSON.stringify(mark, null, 2)}\n`);
      rmSync(folder, { recursive: true, force: true });
      renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  });
}

/** Digest of a schema's content; order of keys and white space do not count. */
export function schemaDigest(schema: string): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(JSON.parse(schema))))
    .digest("hex");
}

/** @returns how the committed SDK has drifted from its provider's schema; undefined when it has not */
export function sdkDrift(folder: string, schema: string): string | undefined {
  const file = join(folder, markFile);
  if (!existsSync(file)) return `${file} is missing`;
  const mark = JSON.parse(readFileSync(file, "utf8")) as GeneratedMark;
  if (mark.schema !== schemaDigest(schema)) return "the schema has moved since the SDK was generated";
  const untouched = mark.files === sourceDigest(folder, [markFile]);
  return untouched ? undefined : "generated files were changed by hand";
}

export async function readSchema(
  provider: string,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const got = await run("pulumi", ["package", "get-schema", join(provider, `pulumi-resource-${name}`)], {
    env: environment,
  });
  if (got.code !== 0) throw sdkProblem(name, lastWords(got, 10));
  return got.stdout;
}

async function generateInto(
  paths: ProjectPaths,
  folder: string,
  name: string,
  schema: string,
): Promise<void> {
  const go = await systemGo(process.env);
  const unfit = judgeGo(go, neededGo);
  if (!go || unfit) throw sdkProblem(name, unfit?.because ?? "Go is not installed");
  const generated = await run(go.go, ["run", "-mod=readonly", "./generate-sdk", folder], {
    cwd: join(paths.root, "toolchain", "engine", "cli"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    input: schema,
  });
  if (generated.code !== 0) throw sdkProblem(name, lastWords(generated, 10));
  const file = join(folder, "package.json");
  const finished = packageForFolder(JSON.parse(readFileSync(file, "utf8")));
  writeFileSync(file, `${JSON.stringify(finished, null, 2)}\n`);
}

/**
 * The generated package.json expects to be published from bin/ with a compiler of its own. Here the package is a
 * folder of the project: it points to bin/ and is built with the project's compiler.
 */
export function packageForFolder(generated: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { scripts: _scripts, devDependencies: _devDependencies, ...rest } = generated;
  return { ...rest, private: true, main: "bin/index.js", types: "bin/index.d.ts" };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function sdkProblem(name: string, because: string): Problem {
  return new Problem({
    what: "cannot generate the SDK",
    object: `sdks/${name}`,
    because,
    next: "npm run sdk",
  });
}
