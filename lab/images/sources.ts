/** The package sources of the host's own distribution, out of its apt configuration: they lead to a mirror that it can reach. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Distribution {
  /** "debian" or "ubuntu". */
  id: string;
  /** "bookworm". */
  codename: string;
  /** "12". */
  version: string;
}

export interface Source {
  uri: string;
  suite: string;
  components: string[];
  signedBy?: string;
}

export function hostDistribution(text = readFileSync("/etc/os-release", "utf8")): Distribution {
  const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "mu").exec(text)?.[1] ?? "";
  return { id: value("ID"), codename: value("VERSION_CODENAME"), version: value("VERSION_ID") };
}

/** Those of the distribution's own suites ("bookworm", "bookworm-updates", ...); other vendors' are left out. */
export function hostSources(codename: string, etc = "/etc/apt"): Source[] {
  const files = [
    join(etc, "sources.list"),
    ...(existsSync(join(etc, "sources.list.d"))
      ? readdirSync(join(etc, "sources.list.d"))
          .sort()
          .map((name) => join(etc, "sources.list.d", name))
      : []),
  ].filter((path) => existsSync(path));
  const all = files.flatMap((path) => {
    const text = readFileSync(path, "utf8");
    if (path.endsWith(".sources")) return parseDeb822(text);
    return path.endsWith(".list") ? parseOneLine(text) : [];
  });
  const own = new RegExp(`^${codename}(-(updates|security))?$`, "u");
  return all.filter(({ suite, components }) => own.test(suite) && components.includes("main"));
}

export function parseDeb822(text: string): Source[] {
  return text
    .split(/\n\s*\n/u)
    .map(fieldsOf)
    .filter((fields) => words(fields.get("types")).includes("deb") && fields.get("enabled") !== "no")
    .flatMap((fields) =>
      words(fields.get("uris")).flatMap((uri) =>
        words(fields.get("suites")).map((suite) => ({
          uri,
          suite,
          components: words(fields.get("components")),
          ...signedBy(fields.get("signed-by")),
        })),
      ),
    );
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const field = /^([A-Za-z-]+):\s*(.*)$/u.exec(line);
    if (field) {
      name = (field[1] ?? "").toLowerCase();
      fields.set(name, field[2] ?? "");
    } else if (/^\s/u.test(line)) fields.set(name, `${fields.get(name) ?? ""} ${line.trim()}`);
  }
  return fields;
}

export function parseOneLine(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/u.exec(line);
    if (!found) return [];
    const [, options = "", uri = "", suite = "", components = ""] = found;
    const key = /signed-by=(\S+)/u.exec(options)?.[1];
    return [{ uri, suite, components: words(components), ...signedBy(key) }];
  });
}

/** A key that stands in the file itself has no path; the distribution's own keyring is trusted anyway. */
function signedBy(value: string | undefined): { signedBy?: string } {
  return value?.startsWith("/") ? { signedBy: value } : {};
}

export function oneLine({ uri, suite, components, signedBy: key }: Source): string {
  return `deb ${key ? `[signed-by=${key}] ` : ""}${uri} ${suite} ${components.join(" ")}`;
}

function words(text = ""): string[] {
  return text.split(/\s+/u).filter(Boolean);
}
