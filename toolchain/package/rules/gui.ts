/** The GUI's archive. */
import type { Archive, ArchiveEntry } from "../archive.ts";
import { leadsOut } from "../folder.ts";
import type { Fault, Rule } from "../rule.ts";

/** @param look at an archive that could be read */
function ofArchive(look: (gui: Archive) => string[]): Rule["examine"] {
  return ({ gui }): Fault[] =>
    gui && gui.fault === undefined ? look(gui).map((because) => ({ object: gui.path, because })) : [];
}

export const guiRules: readonly Rule[] = [
  {
    id: "gui/archive",
    title: "The archive can be read",
    severity: "error",
    why: "half a download unpacks to half a GUI",
    fix: "pack it again: tar -czf migration-gui.tar.gz .next package.json package-lock.json public",
    plant: "truncate --size=-2000 binaries/migration-gui.tar.gz",
    examine: ({ gui }) => (gui && gui.fault !== undefined ? [{ object: gui.path, because: gui.fault }] : []),
  },
  {
    id: "gui/build-id",
    title: "The GUI is built",
    severity: "error",
    why: "next start without a build ends at once",
    fix: "run next build in the GUI's folder, then pack it with its hidden folder .next, at the top of the archive",
    plant:
      "repack() { mkdir g; tar -xzf binaries/migration-gui.tar.gz -C g; rm g/.next/BUILD_ID; tar -czf binaries/migration-gui.tar.gz -C g $(ls -A g); rm -r g; }; repack",
    examine: ofArchive(({ entries, texts }) => {
      if (texts.get(".next/BUILD_ID")?.trim()) return [];
      const deeper = entries.find(({ path }) => path.endsWith("/.next/BUILD_ID"));
      if (deeper) return [`.next/BUILD_ID is not at its top but at ${deeper.path}`];
      return [texts.has(".next/BUILD_ID") ? ".next/BUILD_ID is empty" : "it has no .next/BUILD_ID"];
    }),
  },
  {
    id: "gui/packages",
    title: "The GUI says which packages it needs",
    severity: "error",
    why: "the build installs them by the lock file, without those for development; next must be among them",
    fix: "pack package.json and package-lock.json with it; next belongs into dependencies",
    plant:
      "repack() { mkdir g; tar -xzf binaries/migration-gui.tar.gz -C g; rm g/package-lock.json; tar -czf binaries/migration-gui.tar.gz -C g $(ls -A g); rm -r g; }; repack",
    examine: ofArchive(({ texts }) => packageFaults(texts)),
  },
  {
    id: "gui/links",
    title: "No copied links",
    severity: "error",
    why: "a program of node_modules/.bin that became a file looks for its modules in the wrong place",
    fix: "leave node_modules out; the build installs it from package-lock.json",
    plant:
      "mkdir -p g/node_modules/.bin; printf 'x' > g/node_modules/.bin/next; gunzip binaries/migration-gui.tar.gz; tar -rf binaries/migration-gui.tar -C g node_modules/.bin/next; gzip binaries/migration-gui.tar; rm -r g",
    examine: ofArchive(({ entries }) =>
      entries
        .filter(
          ({ path, type }) => /(^|\/)node_modules\/\.bin\/[^/]+$/u.test(path) && type !== "SymbolicLink",
        )
        .map(({ path }) => `${path} is a file, not a link`),
    ),
  },
  {
    id: "gui/node-modules",
    title: "No packages in the archive",
    severity: "warning",
    why: "they take room and are thrown away: the build installs the GUI's packages by its lock file",
    fix: "pack it without node_modules",
    plant:
      "mkdir -p g/node_modules/next; printf '{}' > g/node_modules/next/package.json; gunzip binaries/migration-gui.tar.gz; tar -rf binaries/migration-gui.tar -C g node_modules; gzip binaries/migration-gui.tar; rm -r g",
    examine: ofArchive(({ entries }) => {
      const inside = entries.filter(({ path }) => path.startsWith("node_modules/"));
      return inside.length > 0 ? [`it holds ${inside.length} files of node_modules`] : [];
    }),
  },
  {
    id: "gui/escape",
    title: "Everything unpacks into the GUI's folder",
    severity: "error",
    why: "a name with .. in it, or a link that leads out, overwrites files of the appliance",
    fix: "pack it from within the GUI's folder, without following links",
    plant:
      "mkdir g; ln -s /etc/shadow g/public; gunzip binaries/migration-gui.tar.gz; tar -rf binaries/migration-gui.tar -C g public; printf x > g/evil; tar -rf binaries/migration-gui.tar -P --transform 's,.*evil,../../evil,' g/evil; gzip binaries/migration-gui.tar; rm -r g",
    examine: ofArchive(({ entries }) => entries.flatMap(escapes)),
  },
];

function escapes({ path, type, target }: ArchiveEntry): string[] {
  if (leadsOut("", path)) return [`the name ${path} leads out of it`];
  if (type === "SymbolicLink" && target && leadsOut(path, target)) return [`${path} is a link to ${target}`];
  if (type === "Link" && target && leadsOut("", target)) return [`${path} is a hard link to ${target}`];
  return ["CharacterDevice", "BlockDevice", "FIFO"].includes(type) ? [`${path} is a ${type}`] : [];
}

interface Lock {
  packages?: Record<string, { dev?: boolean; optional?: boolean }>;
}

function packageFaults(texts: ReadonlyMap<string, string>): string[] {
  const missing = ["package.json", "package-lock.json"].filter((name) => !texts.has(name));
  if (missing.length > 0) return missing.map((name) => `it has no ${name} at its top`);
  try {
    const { packages = {} } = JSON.parse(texts.get("package-lock.json") ?? "") as Lock;
    const next = packages["node_modules/next"];
    if (!next) return ["package-lock.json does not name next"];
    return next.dev || next.optional
      ? ["package-lock.json names next among those that are not installed"]
      : [];
  } catch (error) {
    return [`package-lock.json cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
