/** The package @pulumi/cloudstack: configuration, resources and look-ups. */
import { readFileSync } from "node:fs";
import { Problem } from "../../common/problem.ts";
import type { Fault, Properties, Provider } from "../rpc/index.ts";
import { isUnknown } from "../rpc/index.ts";
import { CloudStack } from "./client/client.ts";
import { withExamples } from "./examples.ts";
import { getAccount } from "./functions/get-account.ts";
import { getApis } from "./functions/get-apis.ts";
import { getCapabilities } from "./functions/get-capabilities.ts";
import { getDiskOffering } from "./functions/get-disk-offering.ts";
import { getInstance } from "./functions/get-instance.ts";
import { getNetwork } from "./functions/get-network.ts";
import { getNetworkOffering } from "./functions/get-network-offering.ts";
import { getOsType } from "./functions/get-os-type.ts";
import { getProject } from "./functions/get-project.ts";
import { getServiceOffering } from "./functions/get-service-offering.ts";
import { getTemplate } from "./functions/get-template.ts";
import { getTemplates, templateSummaryType } from "./functions/get-templates.ts";
import { getZone } from "./functions/get-zone.ts";
import { withPreflight } from "./preflight.ts";
import { affinityGroup } from "./resources/affinity-group.ts";
import { egressFirewallRule } from "./resources/egress-firewall-rule.ts";
import { firewallRule } from "./resources/firewall-rule.ts";
import { instance } from "./resources/instance.ts";
import { instanceSnapshot } from "./resources/instance-snapshot.ts";
import { network } from "./resources/network.ts";
import { portForwardingRule } from "./resources/port-forwarding-rule.ts";
import { publicIpAddress } from "./resources/public-ip-address.ts";
import { registeredTemplate } from "./resources/registered-template.ts";
import { securityGroup, securityGroupRule } from "./resources/security-group.ts";
import { sshKeyPair } from "./resources/ssh-key-pair.ts";
import { staticNat } from "./resources/static-nat.ts";
import { template } from "./resources/template.ts";
import { templateCopy } from "./resources/template-copy.ts";
import { templateExtract } from "./resources/template-extract.ts";
import { templatePermissions } from "./resources/template-permissions.ts";
import { userData } from "./resources/user-data.ts";
import { volume } from "./resources/volume.ts";
import { volumeAttachment } from "./resources/volume-attachment.ts";
import { volumeSnapshot } from "./resources/volume-snapshot.ts";

const defaultRequestTimeoutSeconds = 60;
const defaultJobTimeoutSeconds = 3600;
const defaultConcurrentRequests = 16;

const variables = {
  apiUrl: {
    type: "string",
    description: "Address of the API, usually ending in /client/api; by default CLOUDSTACK_API_URL.",
  },
  apiKey: { type: "string", secret: true, description: "By default CLOUDSTACK_API_KEY." },
  secretKey: { type: "string", secret: true, description: "By default CLOUDSTACK_SECRET_KEY." },
  requestTimeoutSeconds: {
    type: "integer",
    description: `Longest wait for one answer; by default ${defaultRequestTimeoutSeconds}.`,
  },
  jobTimeoutSeconds: {
    type: "integer",
    description: `Longest wait for a job of a resource without customTimeouts; by default ${defaultJobTimeoutSeconds}.`,
  },
  maxConcurrentRequests: {
    type: "integer",
    description: `Requests under way at once; by default ${defaultConcurrentRequests}.`,
  },
  capacityRetrySeconds: {
    type: "integer",
    description:
      "How long an instance that the cloud has no room for is deployed again and again; by default not at all.",
  },
  requestsPerSecond: { type: "integer", description: "Most requests begun in a second; by default any." },
  caFile: {
    type: "string",
    description:
      "PEM file of a certificate authority to trust besides the system's; by default CLOUDSTACK_CA_FILE.",
  },
  project: { type: "string", description: "Name or id of the project whose objects are meant." },
  account: { type: "string", description: "Account whose objects are meant, with domain." },
  domain: { type: "string", description: "Id of the account's domain." },
} as const;

export const provider: Provider<CloudStack> = {
  schema: {
    name: "cloudstack",
    displayName: "Apache CloudStack",
    version: "0.1.0",
    description: "Instances, templates, networks and their rules on Apache CloudStack.",
    license: "Apache-2.0",
    keywords: ["category/cloud", "kind/native"],
    config: { variables },
    provider: { inputProperties: variables },
    types: {
      "cloudstack:index:SecurityGroupRule": securityGroupRule,
      "cloudstack:index:TemplateSummary": templateSummaryType,
    },
    language: { nodejs: { packageName: "@pulumi/cloudstack", respectSchemaVersion: true } },
  },
  resources: withExamples(
    withPreflight([
      affinityGroup,
      egressFirewallRule,
      firewallRule,
      instance,
      instanceSnapshot,
      network,
      portForwardingRule,
      publicIpAddress,
      registeredTemplate,
      securityGroup,
      sshKeyPair,
      staticNat,
      template,
      templateCopy,
      templateExtract,
      templatePermissions,
      userData,
      volume,
      volumeAttachment,
      volumeSnapshot,
    ]),
  ),
  functions: [
    getAccount,
    getApis,
    getCapabilities,
    getDiskOffering,
    getInstance,
    getNetwork,
    getNetworkOffering,
    getOsType,
    getProject,
    getServiceOffering,
    getTemplate,
    getTemplates,
    getZone,
  ],
  checkConfig,
  configure: (config) => {
    refuseOldNode(process.versions.node);
    return clientOf(config, process.env);
  },
};

const oldestNode = 24;

/** An older one knows neither the system's certificates nor proxies, and would pass over the latter without a word. */
export function refuseOldNode(version: string): void {
  if (Number.parseInt(version, 10) >= oldestNode) return;
  throw new Problem({
    what: "the cloudstack provider cannot run",
    object: process.execPath,
    because: `this is Node.js ${version}, and it needs Node.js ${oldestNode} or newer`,
    next: `install Node.js ${oldestNode} and put it first on PATH: node --version`,
  });
}

function checkConfig(config: Properties): Fault[] {
  const faults: Fault[] = [];
  const { apiUrl, account, domain } = config;
  if (apiUrl !== undefined && !isUnknown(apiUrl) && !URL.canParse(String(apiUrl))) {
    faults.push({ property: "apiUrl", reason: `${String(apiUrl)} is no URL` });
  }
  const numbers = [
    "requestTimeoutSeconds",
    "jobTimeoutSeconds",
    "maxConcurrentRequests",
    "requestsPerSecond",
    "capacityRetrySeconds",
  ];
  for (const name of numbers) {
    const value = config[name];
    if (value === undefined || isUnknown(value)) continue;
    if (!(Number.isInteger(Number(value)) && Number(value) > 0)) {
      faults.push({ property: name, reason: `${String(value)} is no whole number above 0` });
    }
  }
  if (account !== undefined && domain === undefined) {
    faults.push({ property: "domain", reason: "an account is found by its domain: give the domain's id" });
  }
  return faults;
}

/** @throws Problem naming every setting that is missing */
export function clientOf(config: Properties, environment: NodeJS.ProcessEnv): CloudStack {
  const given = (name: string, variable: string) => {
    const value = config[name] ?? environment[variable];
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  };
  const apiUrl = given("apiUrl", "CLOUDSTACK_API_URL");
  const apiKey = given("apiKey", "CLOUDSTACK_API_KEY");
  const secretKey = given("secretKey", "CLOUDSTACK_SECRET_KEY");
  if (apiUrl === undefined || apiKey === undefined || secretKey === undefined) {
    throw notConfigured({
      CLOUDSTACK_API_URL: apiUrl,
      CLOUDSTACK_API_KEY: apiKey,
      CLOUDSTACK_SECRET_KEY: secretKey,
    });
  }
  if (!URL.canParse(apiUrl)) throw noUrl(apiUrl);
  const text = (name: string) => (config[name] === undefined ? undefined : String(config[name]));
  const project = text("project");
  const account = text("account");
  const domain = text("domain");
  const caFile = given("caFile", "CLOUDSTACK_CA_FILE");
  const perSecond = config.requestsPerSecond;
  return new CloudStack({
    limits: {
      concurrent: Number(config.maxConcurrentRequests ?? defaultConcurrentRequests),
      perSecond: perSecond === undefined ? undefined : Number(perSecond),
    },
    ...(caFile !== undefined && { authority: certificateIn(caFile) }),
    apiUrl: new URL(apiUrl),
    apiKey,
    secretKey,
    requestTimeoutSeconds: Number(config.requestTimeoutSeconds ?? defaultRequestTimeoutSeconds),
    jobTimeoutSeconds: Number(config.jobTimeoutSeconds ?? defaultJobTimeoutSeconds),
    ...(config.capacityRetrySeconds !== undefined && {
      capacityRetrySeconds: Number(config.capacityRetrySeconds),
    }),
    scope: { ...(project && { project }), ...(account && { account }), ...(domain && { domain }) },
  });
}

function certificateIn(path: string): string {
  const unreadable = (because: string) =>
    new Problem({
      what: "the certificate authority cannot be read",
      object: path,
      because,
      next: "set cloudstack:caFile or CLOUDSTACK_CA_FILE to a PEM file",
    });
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable((error as Error).message);
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw unreadable("it holds no certificate");
  return pem;
}

function notConfigured(values: Readonly<Record<string, string | undefined>>): Problem {
  const missing = Object.keys(values).filter((name) => values[name] === undefined);
  return new Problem({
    what: "no cloud is configured",
    object: "the cloudstack provider",
    because: `there is no ${missing.join(", no ")}`,
    next: `export ${missing.map((name) => `${name}=...`).join(" ")}`,
  });
}

function noUrl(apiUrl: string): Problem {
  return new Problem({
    what: "the cloud's address cannot be used",
    object: "CLOUDSTACK_API_URL",
    because: `${apiUrl} is no URL`,
    next: "export CLOUDSTACK_API_URL=https://HOST/client/api",
  });
}
