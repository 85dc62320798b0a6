/** Finds secrets in texts. What is told of one is its place and kind, never its value. */
export interface Leak {
  line: number;
  /** "password in an address", "value of db_password, 12 characters". */
  kind: string;
}

/** Documented, in many hands, or both: whoever has read about the product knows them. */
const burntValues = [
  "Password1",
  "oma_password",
  // SHA-1 of the console password of an earlier wizard.
  "7c4a8d09ca3762af61e59520943dc26494f8941b",
];

/** What stands for a value that comes later. */
export function isPlaceholder(value: string): boolean {
  const bare = value.replace(/^["']|["']$/gu, "").trim();
  return (
    bare === "" ||
    /^(your|configure|template|appliance_will|will_be|change|replace|placeholder|example|todo|none|null|true|false)\b/iu.test(
      bare.replaceAll("-", " ").replace(/^([a-z]+)_(?!will|be)/iu, "$1 "),
    ) ||
    /^(APPLIANCE_WILL|WILL_BE)_[A-Z_]+$/u.test(bare) ||
    /^([$%{<]|\*+$|x{3,}$|\.{3}$)/iu.test(bare)
  );
}

export function privateKeys(text: string): Leak[] {
  const found = text.matchAll(/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/=]{32}/gu);
  return [...found].map(({ index }) => ({ line: lineAt(text, index), kind: "a private key" }));
}

export function burntDefaults(text: string): Leak[] {
  return burntValues.flatMap((value) =>
    [...text.matchAll(new RegExp(`(?<![\\w-])${value}(?![\\w-])`, "gu"))].map(({ index }) => ({
      line: lineAt(text, index),
      kind: `a documented default, ${value.length} characters that begin with ${value.slice(0, 3)}`,
    })),
  );
}

// Bounded, and begun at a word's first letter alone: minified code has words of a hundred thousand letters.
const secretName =
  "(?<![\\w.-])[\\w.-]{0,60}?(?:passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|auth[_-]?token)[\\w-]{0,60}";
/** name: "value" and name = 'value', as programs write it, and the same within a string. */
const quoted = new RegExp(
  `(${secretName})\\\\?["']?\\s*[:=]\\s*\\\\?(["'])((?:(?!\\2)[^\\s\\\\]){6,200})\\\\?\\2`,
  "giu",
);
/** NAME=value, as environment files and units write it. */
const assigned =
  /^\s*(?:export\s+|Environment=)?["']?([A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|_KEY))=([^\s"']{4,})/gmu;
/** scheme://user:password@host, and user:password@tcp(host). */
const address =
  /(?:\b[a-z][a-z0-9+.-]{0,20}:\/\/|["'`\s=])[\w.-]{1,64}:([^\s:@/"'`]{3,128})@(?:tcp\(|[\w[])/giu;

export function secretValues(text: string): Leak[] {
  const named = [...text.matchAll(quoted)].map(({ 1: name = "", 3: value = "", index }) => ({
    name,
    value,
    index,
  }));
  const set = [...text.matchAll(assigned)].map(({ 1: name = "", 2: value = "", index }) => ({
    name,
    value,
    index,
  }));
  const inAddress = [...text.matchAll(address)]
    .filter(({ 1: value = "" }) => !isPlaceholder(value))
    .map(({ index }) => ({ line: lineAt(text, index), kind: "a password in an address" }));
  const values = [...named, ...set]
    .filter(({ name, value }) => !ofNextBuilds.test(name) && looksSecret(value))
    .map(({ name, value, index }) => ({
      line: lineAt(text, index),
      kind: `the value of ${name}, ${value.length} characters`,
    }));
  return onePerLine([...values, ...inAddress]);
}

/** Next.js makes these anew in each build and needs them where they are. */
const ofNextBuilds = /^(previewMode(Id|SigningKey|EncryptionKey)|__NEXT_PREVIEW_MODE_\w+|encryptionKey)$/u;

/** A word alone is a label or the name of something; a secret has digits or signs in it, or is long. */
function looksSecret(value: string): boolean {
  if (isPlaceholder(value) || /^[\w.-]*\/[\w./-]*$/u.test(value)) return false;
  return /\d/u.test(value) || /[^\w.-]/u.test(value) || value.length >= 32;
}

function onePerLine(leaks: readonly Leak[]): Leak[] {
  return [...new Map(leaks.map((leak) => [`${leak.line} ${leak.kind}`, leak])).values()];
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
