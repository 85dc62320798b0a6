/** Which files a package has. */
import { leadsOut } from "../folder.ts";
import type { Rule } from "../rule.ts";

const development: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /\.(go|rs|c|h|java)$/u, what: "source code" },
  { pattern: /(^|\/)(go\.(mod|sum)|Makefile|Dockerfile|docker-compose[^/]*)$/u, what: "a part of a build" },
  { pattern: /(^|\/)\.(git|svn|hg)(\/|$)/u, what: "a repository" },
  { pattern: /(^|\/)\.(vscode|idea|cursor)(\/|$)|(^|\/)\.DS_Store$/u, what: "an editor's settings" },
  { pattern: /(^|\/)\.env(\.|$)/u, what: "a developer's environment" },
  { pattern: /(^|\/)(__pycache__|\.next\/cache)(\/|$)|\.pyc$/u, what: "a cache" },
  { pattern: /(~|\.(swp|bak|backup|orig|rej|log|core))$/u, what: "a leftover" },
  { pattern: /(^|\/)docs?\/|\.(md|docx?|pdf)$/iu, what: "a document" },
];

/** Of an archive's packages nothing is a developer's: they are fetched anew. */
function ofDevelopment(path: string, inArchive: boolean): string | undefined {
  if (inArchive && /(^|\/)node_modules\//u.test(path)) return undefined;
  if (!inArchive && /(^|\/)node_modules(\/|$)/u.test(path)) return "packages of a developer's machine";
  return development.find(({ pattern }) => pattern.test(path))?.what;
}

export const fileRules: readonly Rule[] = [
  {
    id: "files/missing",
    title: "Every file of the layout is there",
    severity: "error",
    why: "the build would take the appliance's own part in its place, or fail in its middle",
    fix: "put the file there; the layout is binaries/, database/, services/ and scripts/ of the build report",
    plant: "rm services/volume-daemon.service",
    examine: ({ entries, wanted }) =>
      wanted.files
        .filter((path) => !entries.some((entry) => entry.path === path && entry.kind !== "folder"))
        .map((object) => ({
          object,
          because:
            object === "services/volume-daemon.service"
              ? "there is no such file; the build report's own tree left this unit out"
              : "there is no such file",
        })),
  },
  {
    id: "files/development",
    title: "Nothing of a developer's machine",
    severity: "error",
    why: "sources, repositories and environments tell more than a customer may know, and often hold secrets",
    fix: "take it out: a package holds programs, SQL, units, the built GUI and the wizard alone",
    plant: "printf 'package main\\n' > binaries/main.go",
    examine: ({ entries, gui }) => [
      ...outermost(entries.map(({ path }) => path)).flatMap((path) => {
        const what = ofDevelopment(path, false);
        return what ? [{ object: path, because: `it is ${what}` }] : [];
      }),
      ...outermost((gui?.entries ?? []).map(({ path }) => path)).flatMap((path) => {
        const what = ofDevelopment(path, true);
        return what && gui ? [{ object: `${gui.path}: ${path}`, because: `it is ${what}` }] : [];
      }),
    ],
  },
  {
    id: "files/kind",
    title: "Plain files, and links that stay inside",
    severity: "error",
    why: "a link that leads out takes whatever lies there on the machine that builds",
    fix: "put the file itself in the link's place",
    plant: "ln -sf /etc/hostname scripts/oma-setup-wizard.sh",
    examine: ({ entries }) =>
      entries.flatMap(({ path, kind, target = "" }) => {
        if (kind === "other") return [{ object: path, because: "it is neither a file nor a folder" }];
        if (kind !== "link" || !leadsOut(path, target)) return [];
        return [{ object: path, because: `it is a link to ${target}` }];
      }),
  },
  {
    id: "files/unknown",
    title: "No file without a use",
    severity: "warning",
    why: "what the build does not take may be a file under a wrong name",
    fix: "rename it to what it should be, or take it out",
    plant: "printf 'x\\n' > database/schema_only.sql",
    examine: ({ entries, wanted }) =>
      entries
        .filter(
          ({ path, kind }) => kind !== "folder" && !ofDevelopment(path, false) && !isKnown(path, wanted),
        )
        .map(({ path }) => ({ object: path, because: "the build takes no such file" })),
  },
  {
    id: "files/unseen",
    title: "Everything could be looked at",
    severity: "warning",
    why: "what was not looked at is not known to be good",
    fix: "apt-get install mariadb-server systemd for what is missing here; a text above 8 MiB does not belong into a package",
    plant: "head -c 9000000 /dev/zero | tr '\\\\0' '#' >> scripts/oma-setup-wizard.sh",
    examine: ({ unseen }) => [...unseen],
  },
];

function isKnown(path: string, wanted: { files: readonly string[]; allowed: readonly string[] }): boolean {
  return wanted.files.includes(path) || wanted.allowed.some((start) => path.startsWith(start));
}

/** A folder stands for everything below it. */
function outermost(paths: readonly string[]): string[] {
  const bare = paths.map((path) => path.replace(/\/$/u, ""));
  const bad = new Set(bare.filter((path) => ofDevelopment(path, false) || ofDevelopment(path, true)));
  return bare.filter((path) => {
    const parents = path.split("/").map((_, index, parts) => parts.slice(0, index).join("/"));
    return !parents.some((parent) => bad.has(parent));
  });
}
