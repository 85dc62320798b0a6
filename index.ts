/** The plan: a clean machine, its contents, their proof, the seal, the template, clones of it, and their proof. */
import "./common/native-stack-traces.ts";
import { rootDiskCheck } from "./appliances/checks/root-disk.ts";
import { ApplianceTemplate } from "./components/appliance-template.ts";
import { Artifacts } from "./components/artifacts.ts";
import { BuildMachine } from "./components/build-machine.ts";
import { BuildSecrets } from "./components/build-secrets.ts";
import { Checks } from "./components/checks.ts";
import { Clone } from "./components/clone.ts";
import { ConnectionOutputs } from "./components/connection-outputs.ts";
import { Database } from "./components/database.ts";
import { explained } from "./components/explained.ts";
import { FullProof } from "./components/full-proof.ts";
import { machineNetwork } from "./components/machine-network.ts";
import { Payload } from "./components/payload.ts";
import { Proof } from "./components/proof.ts";
import { Seal } from "./components/seal.ts";
import { Services } from "./components/services.ts";
import { System } from "./components/system.ts";
import { readPlan } from "./inputs/plan.ts";

const { settings, sources, artifacts, placement, fingerprint, ...plan } = await explained(() =>
  readPlan("."),
);
const { appliance, rootDiskGiB, sshTimeoutSeconds, checkTimeoutSeconds: timeoutSeconds } = settings;
const { name } = appliance;
const { operator, access } = plan;
const directory = `${settings.reportDirectory}/${settings.stack}`;
const report = { directory, appliance: name, title: appliance.title, fingerprint };
const judging = { appliance, timeoutSeconds, waivers: settings.waivers, report };

const secrets = new BuildSecrets(`${name}-secrets`);
const networkId = machineNetwork(`${name}-net`, placement);
const machine = new BuildMachine(`${name}-build`, {
  ...plan,
  placement,
  networkId,
  fingerprint,
  rootDiskGiB,
  sshTimeoutSeconds,
  marker: secrets.marker,
});

const payload = new Payload(`${name}-payload`, { machine, sources, artifacts });
const system = new System(
  `${name}-system`,
  { machine, appliance, sources, record: plan.record },
  { dependsOn: payload },
);
const placed = new Artifacts(
  `${name}-artifacts`,
  { machine, artifacts, npmRegistry: settings.npmRegistry },
  { dependsOn: system },
);
const database = new Database(
  `${name}-database`,
  { machine, appliance, sources, secrets },
  { dependsOn: system },
);
const services = new Services(`${name}-services`, { machine, appliance }, { dependsOn: [placed, database] });
const built = new Checks(
  `${name}-build-checks`,
  { ...judging, machine, phase: "build" },
  { dependsOn: services },
);

const seal = new Seal(`${name}-seal`, { machine, operations: sources.seal }, { dependsOn: built });
const { template } = new ApplianceTemplate(
  `${name}-template`,
  {
    machine,
    name: plan.templateName,
    displayText: `${appliance.title} ${plan.tags.fingerprint}`,
    osTypeId: placement.base.osTypeId,
    fingerprint,
    forbiddenTexts: { "the marker of the build's secrets": secrets.marker, ...machine.forbiddenTexts },
    search: settings.templateSearch,
    tags: plan.tags,
  },
  { dependsOn: seal },
);

const cloneArgs = {
  ...plan,
  placement,
  networkId,
  ports: appliance.ports.map(({ port }) => port),
  template,
  operator,
  rootDiskGiB,
  sshTimeoutSeconds,
};
const clone = new Clone(`${name}-clone`, cloneArgs);
const proved = new Checks(`${name}-clone-checks`, {
  ...judging,
  machine: clone,
  phase: "clone",
  also: [rootDiskCheck(rootDiskGiB)],
});
const full =
  settings.proof === "full"
    ? new FullProof(`${name}-full-proof`, { judging, template, clone, proved, cloneArgs })
    : undefined;
const proof = new Proof(`${name}-proof`, {
  appliance,
  report,
  template,
  clone,
  host: clone.host,
  runs: [{ label: "build", run: built.run }, { label: "clone", run: proved.run }, ...(full?.runs ?? [])],
  restart: full?.restart,
});
const outputs = new ConnectionOutputs(
  `${name}-${settings.stack}`,
  {
    appliance,
    clone,
    operator,
    access,
    directory: ".ossea/secrets",
    databaseAccessScript: plan.databaseAccessScript,
  },
  { dependsOn: proof },
);

const { id, zoneName: zone, diskSearch } = template;
const captured = { id, name: template.name, zone, diskSearch, fingerprint };
const { connection } = outputs;
const { path } = proof;

export { captured as template, connection, path as report };
