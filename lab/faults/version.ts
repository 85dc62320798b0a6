import { LabProblem } from "../errors.ts";
import type { Content, Fault } from "./fault.ts";

const versions: Readonly<Record<string, string>> = {
  "4.16": "4.16.1.0",
  "4.20": "4.20.2.0",
  "4.22": "4.22.0.0",
};

/** Fields of answers that a 4.16 server does not know. */
const younger: ReadonlySet<string> = new Set([
  "allowuserforcestopvm",
  "arch",
  "datastoretype",
  "deleteprotection",
  "diskofferingstrictness",
  "disksizestrictness",
  "encrypt",
  "encryptroot",
  "forcks",
  "fornsx",
  "forprovider",
  "forsystemvms",
  "fortungsten",
  "gputotal",
  "gpuused",
  "hasrules",
  "hostcontrolstate",
  "instanceleaseenabled",
  "internetprotocol",
  "ismultiarch",
  "keypairs",
  "managementserverid",
  "managementservername",
  "oscategoryname",
  "provider",
  "specifyasnumber",
  "supportsinternallb",
  "templateformat",
  "userdataid",
  "userdataname",
  "virtualmachinetype",
  "vmtype",
]);

/** Names of things that look like fields: the keys of a map stay. */
const maps: ReadonlySet<string> = new Set(["details"]);

export const version: Fault = {
  name: "version",
  description: "answers as another version gives them: its number, its fields, and what it spells as text",
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
  content: (_, content, { version: wanted = "4.22", types }) =>
    changed(content, { wanted, asText: types === "text" }) as Content,
};

interface Manner {
  wanted: string;
  asText: boolean;
}

function changed(value: unknown, manner: Manner): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, manner));
  if (typeof value !== "object" || value === null) return manner.asText ? String(value) : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => each !== undefined && !(manner.wanted === "4.16" && younger.has(name)))
      .map(([name, each]) => [name, field(name, each, manner)]),
  );
}

function field(name: string, value: unknown, manner: Manner): unknown {
  if (name === "cloudstackversion") return versions[manner.wanted];
  if (name === "success" && manner.wanted === "4.16") return String(value);
  return maps.has(name) ? value : changed(value, manner);
}
