/** Writes down, for the plain shell script, the very steps that `up` of an appliance does. */

import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { oma } from "../../appliances/oma.ts";
import { parseArtifactManifest } from "../../common/artifact-manifest.ts";
import { artifactLink } from "../../components/artifacts.ts";
import { userDataOf } from "../../components/build-user-data.ts";
import { secretLinks } from "../../components/database.ts";
import { sealLink } from "../../components/seal.ts";
import { unitsLink } from "../../components/services.ts";
import { payloadFolder } from "../../components/step.ts";
import { systemLinks } from "../../components/system.ts";
import { buildRecord } from "../../inputs/build-record.ts";
import { readSources, type Sources } from "../../inputs/sources.ts";
import { generateKeyPair } from "../../providers/ssh/index.ts";
import { run } from "../../toolchain/process.ts";
import { paths, root } from "../../toolchain/project.ts";

interface Step {
  name: string;
  command: string;
  input: string | Buffer;
}

/** Ids in the lab, as the API names them. */
export interface BaselinePlace {
  zoneid: string;
  serviceofferingid: string;
  networkids: string;
  templateid: string;
  ostypeid: string;
  /** A key pair of the cloud with this public key is registered by the caller. */
  keyPairName: string;
}

const watchSeconds = 3;
const bootstrap =
  'import sys; i = sys.stdin.buffer; exec(compile(i.read(int(i.readline())), "probe.py", "exec"), {"__name__": "__main__"})';

/** @returns the folder for bench/baseline/build.sh, and the public key that the clone must know */
export async function writeBaseline(place: (publicKey: string) => Promise<BaselinePlace>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "baseline-"));
  const write = (path: string, content: string | Buffer, mode = 0o600) =>
    writeFileSync(join(folder, path), content, { mode });
  const key = generateKeyPair("baseline");
  const hostKey = generateKeyPair("baseline host");
  write("key", key.privateKey);
  write("host-key.pub", `${hostKey.publicKey}\n`);
  write("user-data", userDataOf(key.publicKey, hostKey.privateKey, hostKey.publicKey));
  const { keyPairName, templateid, ostypeid, ...where } = await place(key.publicKey);
  const lines = (values: Record<string, string>) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
  write("deploy", lines({ ...where, templateid, rootdisksize: "100", name: "baseline-build" }));
  write("clone", lines({ ...where, rootdisksize: "100", keypairs: keyPairName, name: "baseline-clone" }));
  write("capture", lines({ name: "baseline", displaytext: "baseline", ostypeid }));
  write("made", "");
  write("call", `#!/bin/sh\nexec "${paths.node}" "${join(root, "bench", "support", "call.ts")}" "$@"\n`);
  chmodSync(join(folder, "call"), 0o700);
  for (const [part, steps] of Object.entries({ build: await buildSteps(), proof: proofSteps() })) {
    for (const [index, { name, command, input }] of steps.entries()) {
      const step = `${part}/${String(index).padStart(3, "0")}-${name}`;
      mkdirSync(join(folder, step), { recursive: true });
      write(`${step}/command`, command);
      write(`${step}/input`, input);
    }
  }
  return folder;
}

async function buildSteps(): Promise<Step[]> {
  const { sources, faults } = readSources(root, oma);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join("\n"));
  const { artifacts } = parseArtifactManifest(oma.artifacts, readFileSync(join(root, oma.artifacts), "utf8"));
  const secrets = {
    databasePassword: randomBytes(24).toString("hex"),
    credentialKey: randomBytes(32).toString("base64"),
  };
  const links = [
    ...systemLinks(oma, sources, buildRecord(oma, { id: "", name: "", created: "" }, artifacts, {}, true)),
    ...artifacts.map((artifact) => artifactLink(artifact, undefined)),
    ...secretLinks(oma, secrets),
  ];
  return [
    {
      name: "copy",
      command: `mkdir -p ${payloadFolder} && tar -C ${payloadFolder} -xf -`,
      input: await payload(sources, artifacts),
    },
    ...links.map(scriptStep),
    ...databaseSteps(sources),
    scriptStep(unitsLink(oma)),
    ...oma.units.map(({ name, ready }) => serviceStep(name, ready)),
    checkStep("build"),
    scriptStep(sealLink(sources.seal)),
  ];
}

function proofSteps(): Step[] {
  return [...oma.units.map(({ name, ready }) => serviceStep(name, ready)), checkStep("clone")];
}

function scriptStep(link: { name: string; script: string; parameters: string[] }): Step {
  return {
    name: link.name,
    command: `sudo bash ${payloadFolder}/${link.script}`,
    input: link.parameters.map((line) => `${line}\n`).join(""),
  };
}

function databaseSteps(sources: Sources): Step[] {
  const { database } = oma;
  const { sql } = sources;
  if (!database || !sql) return [];
  return [sql.schema, sql.seed, ...sql.migrations].map(({ path, text }) => ({
    name: basename(path, ".sql"),
    command: `sudo mariadb ${database.name}`,
    input: text,
  }));
}

function serviceStep(unit: string, gate: object): Step {
  return probeStep(unit, { service: { unit, gate, enable: false, watchSeconds } });
}

function checkStep(phase: "build" | "clone"): Step {
  const checks = oma.checks.filter(({ phases }) => phases.includes(phase));
  const probes = checks.map(({ probe }) =>
    probe.kind === "script" ? { ...probe, text: readFileSync(join(root, probe.script), "utf8") } : probe,
  );
  return probeStep("checks", { probes });
}

function probeStep(name: string, request: object): Step {
  const source = readFileSync(join(root, "assets", "common", "probe", "probe.py"));
  return {
    name,
    command: `sudo python3 -c '${bootstrap}'`,
    input: Buffer.concat([Buffer.from(`${source.length}\n`), source, Buffer.from(JSON.stringify(request))]),
  };
}

/** One tar with everything that `up` copies file by file. */
async function payload(
  sources: Sources,
  artifacts: readonly { name: string; source: string }[],
): Promise<Buffer> {
  const staging = mkdtempSync(join(tmpdir(), "baseline-payload-"));
  try {
    for (const folder of sources.folders) {
      mkdirSync(join(staging, dirname(folder)), { recursive: true });
      cpSync(join(root, folder), join(staging, folder), { recursive: true });
    }
    mkdirSync(join(staging, "artifacts"));
    for (const { name, source } of artifacts) cpSync(join(root, source), join(staging, "artifacts", name));
    const archive = join(staging, "..", `${basename(staging)}.tar`);
    const packed = await run("tar", ["-C", staging, "-cf", archive, "."]);
    if (packed.code !== 0) throw new Error(packed.stderr);
    const bytes = readFileSync(archive);
    rmSync(archive);
    return bytes;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
