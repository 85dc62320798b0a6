/** Third source: built from Go modules, for machines that reach a Go module proxy and nothing else. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem } from "../../common/problem.ts";
import { beginStep, formatSeconds } from "../../common/progress.ts";
import { lastWords, run } from "../process.ts";
import { root } from "../project.ts";
import { keyOf, makeOnce } from "./cache.ts";
import { placeDynamicProviderShim } from "./shim.ts";
import type { CannotServe, EngineSource, FoundEngine } from "./sources.ts";
import { atLeast, engineVersion, parseVersion, type Version } from "./versions.ts";

export interface GoToolchain {
  go: string;
  version: Version;
  /** "local" when this Go may not fetch a newer one. */
  toolchain: string;
}

interface Part {
  title: string;
  program: string;
  /** Folder with go.mod and go.sum, which pin every module by digest. */
  module: string;
  package: string;
  linkerFlags: string;
}

const moduleFolder = (name: string) => join(root, "toolchain", "engine", name);

const parts: readonly Part[] = [
  {
    title: `the Pulumi CLI ${engineVersion}`,
    program: "pulumi",
    module: moduleFolder("cli"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion}`,
  },
  {
    title: "the Node.js language host",
    program: "pulumi-language-nodejs",
    module: moduleFolder("nodejs-host"),
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    linkerFlags: "-s -w",
  },
];

/** The oldest Go that the modules ask for, from their own go.mod. */
export const neededGo: Version = neededBy(readFileSync(join(moduleFolder("cli"), "go.mod"), "utf8"));

export function neededBy(goMod: string): Version {
  const line = /^go (\S+)$/m.exec(goMod)?.[1];
  const version = line && parseVersion(line);
  if (!version) throw new Error("go.mod names no Go version");
  return version;
}

/** What the build depends on; the cache key is its digest. */
export function buildInputs(): Record<string, string> {
  const files = parts.flatMap(({ module, program }) =>
    ["go.mod", "go.sum"].map(
      (name) => [`${program}/${name}`, readFileSync(join(module, name), "utf8")] as const,
    ),
  );
  return {
    ...Object.fromEntries(files),
    ...Object.fromEntries(parts.map((part) => [part.program, `${part.package} ${part.linkerFlags}`])),
    flags: buildFlags.join(" "),
    platform: `${process.platform}-${process.arch}`,
  };
}

const buildFlags = ["-trimpath", "-mod=readonly"];

export function builtEngine(
  cacheFolder: string,
  findGo: () => Promise<GoToolchain | undefined>,
): EngineSource {
  return { title: "Go module build", find: () => find(cacheFolder, findGo) };
}

async function find(
  cacheFolder: string,
  findGo: () => Promise<GoToolchain | undefined>,
): Promise<FoundEngine | CannotServe> {
  const folder = join(cacheFolder, `go-${keyOf(buildInputs())}`);
  const seconds: Record<string, number> = {};
  if (!existsSync(folder)) {
    const go = await findGo();
    const unfit = judgeGo(go, neededGo);
    if (!go || unfit) return unfit ?? { because: "Go is not installed" };
    await makeOnce(
      folder,
      async (temporary) => {
        for (const part of parts) await buildPart(go.go, part, temporary, seconds);
        placeDynamicProviderShim(temporary);
      },
      () => process.stderr.write("Another clone of the project is building the engine; waiting for it ...\n"),
    );
  }
  return {
    version: `v${engineVersion}`,
    cli: join(folder, "pulumi"),
    hostFolder: folder,
    hostSource: "Go module build",
    seconds,
  };
}

/** @returns what is wrong with this Go; undefined when it can build the engine */
export function judgeGo(go: GoToolchain | undefined, needed: Version): CannotServe | undefined {
  const wanted = `${needed.major}.${needed.minor}.${needed.patch}`;
  if (!go) return { because: "Go is not installed", next: `install Go ${wanted} or newer, then npm start` };
  if (atLeast(go.version, needed)) return undefined;
  const found = `${go.version.major}.${go.version.minor}.${go.version.patch}`;
  const fetchesNewer = atLeast(go.version, { major: 1, minor: 21, patch: 0 });
  if (fetchesNewer && go.toolchain !== "local") return undefined;
  return fetchesNewer
    ? {
        because: `Go is ${found}, ${wanted} is needed, and GOTOOLCHAIN=local forbids it to fetch that`,
        next: "GOTOOLCHAIN=auto npm start",
      }
    : {
        because: `Go is ${found}, ${wanted} is needed`,
        next: `install Go ${wanted} or newer, then npm start`,
      };
}

/** Go on PATH, or where its own archive puts it. */
export async function systemGo(environment: NodeJS.ProcessEnv): Promise<GoToolchain | undefined> {
  const folders = [...(environment.PATH ?? "").split(delimiter), "/usr/local/go/bin", "/usr/lib/go/bin"];
  const go = folders.map((folder) => join(folder, "go")).find((path) => existsSync(path));
  if (!go) return undefined;
  // Outside of the module, lest go fetch the newer toolchain just to print its version.
  const printed = await run(go, ["env", "GOVERSION", "GOTOOLCHAIN"], { cwd: "/" });
  const [version = "", toolchain = ""] = printed.stdout.trim().split("\n");
  const parsed = parseVersion(version.replace(/^go/, "").split(/[ -]/)[0] ?? "");
  return parsed && { go, version: parsed, toolchain };
}

async function buildPart(
  go: string,
  part: Part,
  folder: string,
  seconds: Record<string, number>,
): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const packages = await timed(
    `Fetching the Go modules of ${part.title}`,
    `fetch modules of ${part.program}`,
    seconds,
    async (report) => {
      let fetched = 0;
      const listed = await run(go, ["list", "-deps", ...buildFlags, part.package], {
        cwd: part.module,
        env,
        onErrorLine: (line) => {
          if (line.startsWith("go: downloading")) report(++fetched);
        },
      });
      if (listed.code !== 0) throw buildProblem(part, `go list: ${lastWords(listed)}`);
      return listed.stdout.trim().split("\n").length;
    },
  );
  await timed(`Building ${part.title}`, `build ${part.program}`, seconds, async (report) => {
    let compiled = 0;
    const built = await run(
      go,
      [
        "build",
        "-v",
        ...buildFlags,
        "-ldflags",
        part.linkerFlags,
        "-o",
        join(folder, part.program),
        part.package,
      ],
      { cwd: part.module, env, onErrorLine: () => report(++compiled, packages) },
    );
    if (built.code !== 0) throw buildProblem(part, `go build: ${lastWords(built)}`);
  });
}

async function timed<T>(
  title: string,
  name: string,
  seconds: Record<string, number>,
  work: (report: (done: number, total?: number) => void) => Promise<T>,
): Promise<T> {
  const shown = beginStep(title);
  const started = performance.now();
  try {
    const result = await work(shown.at);
    shown.done();
    return result;
  } catch (error) {
    shown.failed();
    throw error;
  } finally {
    seconds[name] = Number(((performance.now() - started) / 1000).toFixed(1));
  }
}

function buildProblem(part: Part, because: string): Problem {
  return new Problem({
    what: "cannot build the engine",
    object: part.title,
    because,
    next: `cd ${part.module} && go build ${part.package}`,
  });
}

/** "pulumi: 5 min 30 s", one line a step. */
export function describeSeconds(seconds: Readonly<Record<string, number>>): string[] {
  return Object.entries(seconds).map(([name, value]) => `${name}: ${formatSeconds(value)}`);
}
