/** The versions of the engine's parts. The SDK pins in package.json are the same ones; a test holds them together. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
}

export const engineVersion = "3.259.0";
/** The newest Node.js language host that the Go module proxy serves as a module. */
export const hostModuleVersion = "3.68.0";

export interface PluginPin {
  name: string;
  version: string;
}

export const pluginPins: readonly PluginPin[] = [
  { name: "command", version: "1.2.1" },
  { name: "random", version: "4.21.2" },
];

/** Reads "3.259.0", "v3.259.0" or "v3.260.0-dev.1"; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?$/.exec(text.trim());
  if (!found) return undefined;
  return { major: Number(found[1]), minor: Number(found[2]), patch: Number(found[3] ?? 0) };
}

export function atLeast(given: Version, wanted: Version): boolean {
  const difference = given.major - wanted.major || given.minor - wanted.minor || given.patch - wanted.patch;
  return difference >= 0;
}

/** The oldest installed engine that is taken as it is: the same major version, at least the pinned one. */
export function acceptable(text: string): boolean {
  const given = parseVersion(text);
  const wanted = parseVersion(engineVersion);
  return !!given && !!wanted && given.major === wanted.major && atLeast(given, wanted);
}
