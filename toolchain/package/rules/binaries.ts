/** The programs. */
import type { Binary } from "../binaries.ts";
import type { Rule } from "../rule.ts";
import type { Subject } from "../subject.ts";

const programs = ({ binaries }: Subject): Binary[] => binaries.filter(({ kind }) => kind === "file");

export const binaryRules: readonly Rule[] = [
  {
    id: "binaries/format",
    title: "Programs are Linux programs",
    severity: "error",
    why: "a script, an archive or half a download in a program's place fails at its first start",
    fix: "file binaries/NAME says what it is; take the built program",
    plant: "printf '#!/bin/sh\\nexit 0\\n' > binaries/oma-api",
    examine: (subject) =>
      programs(subject)
        .filter(({ elf }) => !elf)
        .map(({ path }) => ({ object: path, because: "it is no ELF file" })),
  },
  {
    id: "binaries/architecture",
    title: "Programs are built for the appliance",
    severity: "error",
    why: "the appliance is an x86-64 machine; a program for another one does not start",
    fix: "build it with GOOS=linux GOARCH=amd64",
    plant: "printf '\\xb7' | dd of=binaries/volume-daemon bs=1 seek=18 conv=notrunc status=none",
    examine: (subject) =>
      programs(subject).flatMap(({ path, elf }) =>
        elf && (elf.machine !== "x86-64" || elf.bits !== 64)
          ? [{ object: path, because: `it is built for ${elf.machine}, ${elf.bits} bits` }]
          : [],
      ),
  },
  {
    id: "binaries/known-bad",
    title: "No version that is known to be bad",
    severity: "error",
    why: "each version of that list failed at a customer's",
    fix: "take the known good version, not the newest one: oma-api v2.28.0-credential-replacement-complete",
    plant: "printf 'oma-api-v2.29.3-update-config-fix' >> binaries/oma-api",
    examine: ({ binaries, wanted }) =>
      binaries.flatMap((binary) =>
        wanted.knownBad
          .filter(({ name, version, sha256 }) =>
            name !== binary.name
              ? false
              : sha256 === undefined
                ? binary.bad.includes(version)
                : sha256 === binary.sha256,
          )
          .map(({ version, sha256, reason }) => ({
            object: binary.path,
            because: `${sha256 ? "its SHA-256 is the one of" : "it holds the name"} ${version}: ${reason}`,
          })),
      ),
  },
  {
    id: "binaries/version",
    title: "Each program says which version it is",
    severity: "warning",
    why: "two builds of one number exist; a number alone does not tell them apart",
    fix: "npm run package -- --from DIR --version NAME=VERSION gives it its full name in the manifest",
    plant:
      "sed -i 's/v2.28.0-credential-replacement-complete/nothing-of-the-kind-is-written-in-here./' binaries/oma-api",
    examine: (subject) =>
      programs(subject)
        .filter(({ elf, versions }) => elf && versions.length !== 1)
        .map(({ path, versions }) => ({
          object: path,
          because:
            versions.length === 0
              ? "no full name of a version stands in it, so the manifest names it by its digest"
              : `it holds several: ${versions.slice(0, 5).join(", ")}`,
        })),
  },
];
