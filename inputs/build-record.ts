/** What a finished appliance says of its own build: /etc/ossea/build.json, which appliance-info reads. */
import type { Appliance } from "../appliances/types.ts";
import type { Artifact } from "../common/artifact-manifest.ts";
import { type BaseTemplate, type Fingerprint, shortDigest } from "./fingerprint.ts";

export interface BuildRecord {
  appliance: string;
  title: string;
  baseTemplate: string;
  /** Name of the artifact -> version. */
  artifacts: Readonly<Record<string, string>>;
  fingerprint: Fingerprint;
  /** Over the whole fingerprint, as in the template's name. */
  digest: string;
  /** Whether security updates are installed automatically. */
  securityUpdates: boolean;
}

/** The time of the build is not in it: the machine adds it, or every preview would show a difference. */
export function buildRecord(
  { name, title }: Appliance,
  base: BaseTemplate,
  artifacts: readonly Artifact[],
  fingerprint: Fingerprint,
  securityUpdates: boolean,
): BuildRecord {
  return {
    appliance: name,
    title,
    baseTemplate: base.name,
    artifacts: Object.fromEntries(artifacts.map((artifact) => [artifact.name, artifact.version])),
    fingerprint,
    digest: shortDigest(fingerprint),
    securityUpdates,
  };
}
