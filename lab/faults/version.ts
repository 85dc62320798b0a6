import { noSuchCommand, notAuthorised } from "../cloud/failure.ts";
import { LabProblem } from "../errors.ts";
import type { Content, Fault } from "./fault.ts";

const versions: Readonly<Record<string, string>> = {
  "4.16": "4.16.1.0",
  "4.20": "4.20.2.0",
  "4.22": "4.22.0.0",
};

/** Commands by the version that brought them. */
const newCommands: Readonly<Record<string, readonly string[]>> = {
  "4.18": ["registerUserData", "listUserData", "deleteUserData"],
};

/** Fields by the version that brought them, of which objects. */
const newFields: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "4.17": {
    diskoffering: ["disksizestrictness"],
    firewallrule: ["traffictype"],
    network: ["egressdefaultpolicy"],
    networkoffering: ["internetprotocol"],
    serviceoffering: [
      "diskofferingid",
      "diskofferingname",
      "diskofferingdisplaytext",
      "diskofferingstrictness",
    ],
  },
  "4.18": {
    capability: [
      "instancesdisksstatsretentionenabled",
      "instancesdisksstatsretentiontime",
      "instancesstatsretentiontime",
      "instancesstatsuseronly",
    ],
    diskoffering: ["encrypt", "details"],
    network: ["publicmtu", "privatemtu", "supportsvmautoscaling"],
    networkoffering: ["fortungsten"],
    serviceoffering: ["encryptroot"],
    virtualmachine: ["hostcontrolstate", "userdata", "userdataid", "userdataname"],
    volume: ["vmtype"],
    zone: ["allowuserspecifyvrmtu", "routerprivateinterfacemaxmtu", "routerpublicinterfacemaxmtu", "type"],
  },
  "4.19": {
    asyncjobs: ["account", "domainid", "domainpath", "managementserverid"],
    capability: ["customhypervisordisplayname"],
    ipaddress: ["hasrules", "virtualmachinetype"],
    network: ["domainpath"],
    ostype: ["name", "fordisplay", "oscategoryname"],
    publicipaddress: ["hasrules", "virtualmachinetype"],
    queryasyncjobresult: ["account", "domainid", "domainpath", "managementserverid"],
    snapshot: ["zonename"],
    virtualmachine: ["templatetype"],
  },
  "4.20": {
    capability: ["allowuserforcestopvm", "sharedfsvmmincpucount", "sharedfsvmminramsize"],
    diskoffering: ["state"],
    ipaddress: ["domainpath", "forsystemvms"],
    networkoffering: ["fornsx", "specifyasnumber", "supportsinternallb"],
    publicipaddress: ["domainpath", "forsystemvms"],
    serviceoffering: ["state"],
    snapshot: ["domainpath", "volumestate"],
    tag: ["domainpath"],
    tags: ["domainpath"],
    template: ["arch", "domainpath"],
    userdata: ["domainpath"],
    virtualmachine: ["deleteprotection", "domainpath", "ipaddress", "templateformat"],
    vmSnapshot: ["domainpath"],
    vmsnapshot: ["domainpath"],
    volume: ["deleteprotection", "domainpath"],
    zone: ["asnrange", "ismultiarch", "isnsxenabled"],
  },
  "4.21": {
    asyncjobs: ["managementservername"],
    capability: ["dynamicscalingenabled", "extensionspath", "instanceleaseenabled"],
    ipaddress: ["forprovider"],
    network: ["specifyvlan"],
    publicipaddress: ["forprovider"],
    queryasyncjobresult: ["managementservername"],
    template: ["forcks"],
    virtualmachine: ["arch"],
    zone: ["gputotal", "gpuused", "routedmodeenabled"],
  },
  "4.22": { capability: ["additionalconfigenabled"] },
};

/** Names of things that look like fields: the keys of a map stay. */
const maps: ReadonlySet<string> = new Set(["details"]);

const isYounger = (version: string, wanted: string) => Number(version.slice(2)) > Number(wanted.slice(2));

function hasCommand(wanted: string, name: string): boolean {
  return !Object.entries(newCommands).some(
    ([version, names]) => isYounger(version, wanted) && names.includes(name),
  );
}

export const version: Fault = {
  name: "version",
  description:
    "answers as another version gives them: its number, its commands, its fields, and what it spells as text",
  options: {
    version: "4.16, 4.20 or 4.22",
    types: "text: every number and truth value as text, as some old servers send them",
  },
  times: Number.POSITIVE_INFINITY,
  check({ version: wanted, types }) {
    const next = "npm run lab -- inject version version=4.16";
    if (wanted !== undefined && !(wanted in versions)) {
      throw new LabProblem(`version=${wanted}`, `it is one of ${Object.keys(versions).join(", ")}`, next);
    }
    if (types !== undefined && types !== "text") throw new LabProblem(`types=${types}`, "it is text", next);
  },
  request: ({ version: wanted = "4.22" }, command) =>
    hasCommand(wanted, command) ? undefined : { kind: "refuse", error: notAuthorised() },
  content: (command, content, { version: wanted = "4.22", types }) => {
    const manner = { wanted, asText: types === "text", absent: absentIn(wanted) };
    return changed(withoutYounger(content, wanted), manner, command.toLowerCase()) as Content;
  },
};

interface Manner {
  wanted: string;
  asText: boolean;
  absent: ReadonlySet<string>;
}

/** "virtualmachine.arch" */
function absentIn(wanted: string): ReadonlySet<string> {
  const younger = Object.entries(newFields).filter(([since]) => isYounger(since, wanted));
  return new Set(
    younger.flatMap(([, objects]) =>
      Object.entries(objects).flatMap(([object, fields]) => fields.map((name) => `${object}.${name}`)),
    ),
  );
}

/** What listApis tells is what can be called. @throws ApiError where nothing of it is left */
function withoutYounger(content: Content, wanted: string): Content {
  const { api } = content;
  if (!Array.isArray(api)) return content;
  const known = (api as { name: string }[]).filter(({ name }) => hasCommand(wanted, name));
  if (known.length === 0) throw noSuchCommand();
  return { count: known.length, api: known };
}

/** @param object as which the value stands in the answer */
function changed(value: unknown, manner: Manner, object: string): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, manner, object));
  if (typeof value !== "object" || value === null) return manner.asText ? String(value) : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => each !== undefined && !manner.absent.has(`${object}.${name}`))
      .map(([name, each]) => [spelled(name, object, manner), field(name, each, manner)]),
  );
}

/** 4.16 knows one key pair of an instance. */
function spelled(name: string, object: string, { wanted }: Manner): string {
  return name === "keypairs" && object === "virtualmachine" && wanted === "4.16" ? "keypair" : name;
}

function field(name: string, value: unknown, manner: Manner): unknown {
  if (name === "cloudstackversion") return versions[manner.wanted];
  if (name === "success" && manner.wanted === "4.16") return String(value);
  return maps.has(name) ? value : changed(value, manner, name);
}
