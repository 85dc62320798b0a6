/** Secrets in any file of the package, those in the GUI's archive included. */
import type { Fault, Rule } from "../rule.ts";
import { burntDefaults, type Leak, privateKeys, secretValues } from "../secrets.ts";
import type { Subject } from "../subject.ts";

function leaks({ texts, gui }: Subject, find: (text: string) => Leak[]): Fault[] {
  const all = [
    ...texts,
    ...[...(gui?.texts ?? [])].map(([path, text]) => [`${gui?.path}: ${path}`, text] as const),
  ];
  return all.flatMap(([path, text]) =>
    find(text).map(({ line, kind }) => ({ object: `${path} line ${line}`, because: `${kind} stands there` })),
  );
}

export const secretRules: readonly Rule[] = [
  {
    id: "secrets/private-key",
    title: "No private key",
    severity: "error",
    why: "whoever has the template has the key, and with it every machine that trusts it",
    fix: "take it out, and take the key out of every machine that trusts it",
    plant: "ssh-keygen -q -t ed25519 -N '' -f k; cat k >> scripts/oma-setup-wizard.sh; rm k k.pub",
    examine: (subject) => [
      ...leaks(subject, privateKeys),
      ...subject.binaries
        .filter(({ privateKey }) => privateKey)
        .map(({ path }) => ({ object: path, because: "a private key stands in it" })),
    ],
  },
  {
    id: "secrets/burnt-default",
    title: "No documented default",
    severity: "error",
    why: "these passwords stand in documents that many people have",
    fix: "take it out; the build and the first boot make a password for each machine",
    plant: "printf '# sudo: Password1\\n' >> scripts/oma-setup-wizard.sh",
    examine: (subject) => leaks(subject, burntDefaults),
  },
  {
    id: "secrets/value",
    title: "No password or key in a text",
    severity: "error",
    why: "a value in a unit, a script or the GUI's JavaScript goes to every customer",
    fix: "take it out, and change it: it has been given away. Units read secrets from an EnvironmentFile",
    plant:
      "mkdir g; printf 'const d={vcenterPassword:\"h0rse-b4ttery\"};' > g/page.js; gunzip binaries/migration-gui.tar.gz; tar -rf binaries/migration-gui.tar --transform 's,^,.next/static/,' -C g page.js; gzip binaries/migration-gui.tar; rm -r g",
    examine: (subject) => leaks(subject, secretValues),
  },
];
