/** Which system the lab's base image is, and where its packages come from. */
import { existsSync } from "node:fs";
import { LabProblem } from "../errors.ts";
import { type Distribution, hostDistribution, hostSources, type Source } from "./sources.ts";

export interface Release {
  distribution: Distribution;
  templateName: string;
  osType: string;
  sources: Source[];
}

const ubuntuKeyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg";

/** @throws LabProblem when this host has no packages of a system that the appliances run on */
export function chooseRelease(mirror: string | undefined): Release {
  const own = hostDistribution();
  if (mirror || own.id === "ubuntu") return ubuntu(mirror, own);
  if (own.id === "debian" && own.version === "12") {
    return {
      distribution: own,
      templateName: "Debian 12 (lab)",
      osType: "Debian GNU/Linux 12 (64-bit)",
      sources: sourcesOf(own),
    };
  }
  throw new LabProblem(
    "no base image for this host",
    `it runs ${own.id} ${own.version}; images are made on Debian 12 and Ubuntu 24.04`,
    "OSSEA_LAB_UBUNTU_MIRROR=URL npm run lab -- up   # a mirror of Ubuntu that this host reaches",
  );
}

function ubuntu(mirror: string | undefined, own: Distribution): Release {
  const distribution = { id: "ubuntu", codename: "noble", version: "24.04" };
  const components = ["main", "universe"];
  const suites = ["noble", "noble-updates", "noble-security"];
  if (mirror && !existsSync(ubuntuKeyring)) {
    throw new LabProblem(
      "no base image of Ubuntu",
      `${ubuntuKeyring} is missing: what comes from the mirror could not be verified`,
      "apt-get install ubuntu-keyring",
    );
  }
  const sources = mirror
    ? suites.map((suite) => ({ uri: mirror, suite, components, signedBy: ubuntuKeyring }))
    : sourcesOf({ ...own, codename: "noble" });
  return {
    distribution,
    templateName: "Ubuntu 24.04 (lab)",
    osType: "Ubuntu 24.04 LTS",
    sources,
  };
}

function sourcesOf({ codename }: Distribution): Source[] {
  const sources = hostSources(codename);
  if (sources.length > 0) return sources;
  throw new LabProblem(
    "no package mirror for the base image",
    `this host's apt configuration names none for ${codename}`,
    "add one to /etc/apt/sources.list.d, then npm run lab -- up",
  );
}
