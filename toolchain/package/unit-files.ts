/** Unit files as lists of settings. */
export interface UnitFile {
  path: string;
  settings: readonly Setting[];
  /** What systemd-analyze says: keys that it does not know. */
  unknown: readonly string[];
}

export interface Setting {
  section: string;
  key: string;
  value: string;
  line: number;
}

/** A line that ends in a backslash goes on in the next one. */
export function readSettings(text: string): Setting[] {
  const settings: Setting[] = [];
  let section = "";
  let continued: Setting | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (/^[#;]/u.test(line)) continue;
    if (continued) {
      continued.value += ` ${line.replace(/\\$/u, "").trim()}`;
      if (!line.endsWith("\\")) continued = undefined;
      continue;
    }
    section = /^\[(.+)\]$/u.exec(line)?.[1] ?? section;
    const [, key, value] = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/u.exec(line) ?? [];
    if (!key || value === undefined) continue;
    const setting = { section, key, value: value.replace(/\\$/u, "").trim(), line: index + 1 };
    settings.push(setting);
    if (line.endsWith("\\")) continued = setting;
  }
  return settings;
}

export function valuesOf({ settings }: UnitFile, key: string): Setting[] {
  return settings.filter((setting) => setting.key === key);
}

/** `UNIT:LINE: Unknown key name 'TTY' in section 'Service', ignoring.`, as versions spell it. */
export function unknownKeys(answer: string, file: string): string[] {
  return answer
    .split("\n")
    .filter((line) => line.includes(file) && /Unknown (key( name)?|lvalue|section)/u.test(line))
    .map((line) => line.slice(line.indexOf("Unknown")).trim());
}
