/**
 * npm run package -- --from DIR [--version NAME=VERSION]... [--accept RULE=REASON]... [--manifest FILE] [--json]: examines a package with the
 * layout of the build report, names every fault that it has, and writes the manifest to build from it.
 */
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { oma } from "../../appliances/oma.ts";
import { parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { closestTo } from "../../common/closest.ts";
import { Problem } from "../../common/problem.ts";
import { step } from "../../common/progress.ts";
import { type Examination, examinePackage } from "../package/examine.ts";
import { manifestFile } from "../package/layout.ts";
import { manifestOf, manifestText } from "../package/manifest.ts";
import { countFindings, countText, describeFindings } from "../package/report.ts";
import { packageRules } from "../package/rules/index.ts";
import { hasMariaDb, startTemporaryMariaDb } from "../package/temporary-mariadb.ts";
import { paths } from "../project.ts";
import type { Command } from "./command.ts";

export const packageCommand: Command = async (args) => {
  const asked = readArguments(args);
  const examined = await examine(asked);
  const counts = countFindings(examined.findings);
  const written = counts.errors === 0 ? writeManifest(examined, asked) : undefined;
  const lines = asked.json
    ? [
        JSON.stringify(
          { folder: asked.from, ...counts, manifest: written ?? null, findings: examined.findings },
          null,
          2,
        ),
      ]
    : [
        ...describeFindings(examined.findings),
        "",
        summary(asked.from, counts),
        ...(written ? nextSteps(asked.from, written) : []),
      ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return counts.errors === 0 ? 0 : 1;
};

interface Asked {
  /** Absolute. */
  from: string;
  manifest: string;
  versions: ReadonlyMap<string, string>;
  accepted: ReadonlyMap<string, string>;
  json: boolean;
}

function readArguments(args: readonly string[]): Asked {
  const { values } = parse(args);
  if (values.from === undefined) throw wrongArguments("--from is missing");
  const from = resolve(process.env.INIT_CWD ?? ".", values.from);
  if (!existsSync(from) || !statSync(from).isDirectory()) {
    throw new Problem({
      what: "no package there",
      object: values.from,
      because: existsSync(from) ? "it is not a folder" : "there is no such folder",
      next: "npm run package -- --from DIR   # with binaries/, database/, services/ and scripts/ in it",
    });
  }
  const accepted = pairs(
    "--accept",
    values.accept,
    "RULE=REASON",
    packageRules.map(({ id }) => id),
  );
  const names = ["oma-api", "volume-daemon", "migration-gui"];
  const versions = pairs("--version", values.version, "NAME=VERSION", names);
  return {
    from,
    manifest: values.manifest
      ? resolve(process.env.INIT_CWD ?? ".", values.manifest)
      : join(from, manifestFile),
    versions,
    accepted,
    json: values.json ?? false,
  };
}

/** Values such as "oma-api=v2.28.0-credential-replacement-complete". */
function pairs(flag: string, texts: readonly string[] = [], form: string, known: readonly string[]) {
  return new Map(
    texts.map((text): [string, string] => {
      const [, name = "", value = ""] = /^([^=]+)=(.+)$/su.exec(text) ?? [];
      if (known.includes(name)) return [name, value.replace(/\s+/gu, " ").trim()];
      const meant = closestTo(name || text, known);
      throw wrongArguments(
        `${flag} ${text} is not ${form}${meant ? `; did you mean ${meant}?` : ` with one of ${known.join(", ")}`}`,
      );
    }),
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: "string" },
        manifest: { type: "string" },
        version: { type: "string", multiple: true },
        accept: { type: "string", multiple: true },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    throw wrongArguments(error instanceof Error ? error.message : String(error));
  }
}

function wrongArguments(because: string): Problem {
  return new Problem({
    what: "arguments that cannot be read",
    object: "npm run package",
    because,
    next: "npm run package -- --from DIR [--version NAME=VERSION]... [--accept RULE=REASON]... [--manifest FILE] [--json]",
  });
}

function examine({ from: folder, accepted }: Asked): Promise<Examination> {
  return step(`Examining ${folder}`, async (shown) => {
    shown.detail("a server to try the SQL on");
    const server = hasMariaDb() ? await startTemporaryMariaDb() : undefined;
    try {
      return await examinePackage({
        root: paths.root,
        folder,
        appliance: oma,
        server,
        accepted,
        step: shown,
      });
    } finally {
      await server?.stop();
    }
  });
}

function summary(folder: string, counts: { errors: number; warnings: number }): string {
  const told = `${folder}: ${countText(counts)}; ${packageRules.length} rules asked.`;
  return counts.errors === 0 ? told : `${told} No manifest was written: mend the errors, then run it again.`;
}

/** @returns its path from the project's folder */
function writeManifest(examined: Examination, { manifest: file, versions, accepted }: Asked): string {
  const manifest = manifestOf(paths.root, examined, versions);
  const text = manifestText(manifest, relative(paths.root, examined.folder), accepted);
  parseArtifactManifest(file, text);
  writeFileSync(file, text);
  return relative(paths.root, file);
}

function nextSteps(folder: string, manifest: string): string[] {
  const database = join(relative(paths.root, folder), "database");
  return [
    "",
    `Written: ${manifest}`,
    "To build from it, with STACK in place of your stack's name:",
    `  npm run pulumi -- config set artifacts ${manifest} -s STACK`,
    `  npm run pulumi -- config set databaseFolder ${database} -s STACK`,
    "  npm run preview -- --stack STACK",
    "Units and the wizard were examined; the appliance takes its own, from assets/oma/.",
  ];
}
