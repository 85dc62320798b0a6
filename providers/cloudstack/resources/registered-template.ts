import type { Fault } from "../../rpc/index.ts";
import { faultsIn, filledText, flag, missing, oneOf, tagMap, textMap, zoneList } from "./inputs.ts";
import { objectResource, tagInputs } from "./object.ts";
import { resourceSchema, tagsProperty, triggersProperty } from "./properties.ts";
import { keyDetail, type TemplateRow, templateListing, waitUntilReadyIn } from "./template-api.ts";
import {
  creationParameters,
  detailChanges,
  flagChanges,
  flagInputs,
  flagProperties,
  flagRules,
  type TemplateFlags,
} from "./template-flags.ts";

export interface RegisteredTemplateInputs extends Omit<TemplateFlags, "osTypeId"> {
  name?: string;
  url: string;
  format: string;
  hypervisor?: string;
  osTypeId?: string;
  zoneIds?: string[];
  checksum?: string;
  directDownload?: boolean;
  deployAsIs?: boolean;
  deleteProtection?: boolean;
  forceDelete?: boolean;
  tags?: Record<string, string>;
  triggers?: Record<string, string>;
}

export interface RegisteredTemplateState extends RegisteredTemplateInputs {
  name: string;
  hypervisor: string;
  osTypeId: string;
  /** Bytes. */
  size: number;
  /** Bytes. */
  physicalSize: number;
  created: string;
  ready: boolean;
}

/** How a URL's path ends for each format. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  QCOW2: ["qcow2"],
  RAW: ["raw", "img"],
  VHD: ["vhd"],
  VHDX: ["vhdx"],
  OVA: ["ova"],
  VMDK: ["vmdk"],
  TAR: ["tar", "tgz"],
  ISO: ["iso"],
};
const formats = Object.keys(extensions);

const checksumForm = /^(\{(MD5|SHA-1|SHA-224|SHA-256|SHA-384|SHA-512)\})?[0-9a-fA-F]{32,128}$/u;
const defaultHypervisor = "KVM";
const allZones = "-1";
const replaces = true;

export const registeredTemplate = objectResource<
  RegisteredTemplateInputs,
  RegisteredTemplateState,
  TemplateRow
>({
  token: "cloudstack:index:RegisteredTemplate",
  title: "template",
  schema: resourceSchema({
    description:
      "A template that CloudStack fetches from a URL (`registerTemplate`). It counts when every wanted zone lists it as ready; how far the download is shows meanwhile. A download that fails, by a wrong checksum for instance, leaves no template and is told with the cloud's reason.\n\nImported by its id.",
    inputs: {
      url: {
        type: "string",
        willReplaceOnChanges: replaces,
        description:
          "http or https; ends in the format's extension, `.gz`, `.bz2`, `.xz` or `.zip` may follow. CloudStack refuses addresses of its own host.",
      },
      format: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: `One of ${formats.join(", ")}.`,
      },
      hypervisor: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "Where instances of it run; `KVM` by default.",
      },
      zoneIds: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: replaces,
        description: "By default all zones, which only an administrator may ask for.",
      },
      checksum: {
        type: "string",
        willReplaceOnChanges: replaces,
        description: "`{SHA-256}` and the digest in hex, or another algorithm; CloudStack compares.",
      },
      directDownload: {
        type: "boolean",
        willReplaceOnChanges: replaces,
        description: "Hosts fetch it themselves when an instance needs it; with KVM only.",
      },
      deployAsIs: {
        type: "boolean",
        willReplaceOnChanges: replaces,
        description: "An OVA of VMware with hardware, networks and properties as they stand in it.",
      },
      name: { type: "string", description: "By default made from the resource's name." },
      ...flagProperties,
      osTypeId: { type: "string", description: "Needed unless `deployAsIs`, where the OVA says it." },
      deleteProtection: { type: "boolean", description: "This provider refuses to delete it." },
      forceDelete: {
        type: "boolean",
        description: "Deletes it even while instances stand on it, which CloudStack otherwise refuses.",
      },
      tags: tagsProperty,
      triggers: triggersProperty,
    },
    required: ["url", "format", "displayText"],
    outputs: {
      size: { type: "number", description: "Bytes, of the disk." },
      physicalSize: { type: "number", description: "Bytes, as stored." },
      created: { type: "string" },
      ready: { type: "boolean", description: "Instances can be deployed from it." },
    },
    present: [
      "name",
      "url",
      "format",
      "hypervisor",
      "displayText",
      "osTypeId",
      "size",
      "physicalSize",
      "created",
      "ready",
    ],
  }),
  defaults: (news) => ({ hypervisor: defaultHypervisor, ...news }),
  check: (news) => [
    ...missing({ ...news }, ["url", "format", "displayText"]),
    ...(news.deployAsIs === undefined || news.deployAsIs === false ? missing({ ...news }, ["osTypeId"]) : []),
    ...faultsIn(
      { ...news },
      {
        ...flagRules,
        url: webAddress,
        format: oneOf(...formats),
        hypervisor: filledText,
        zoneIds: zoneList,
        checksum: (value) =>
          checksumForm.test(String(value)) ? undefined : "must be {SHA-256} and the digest in hex",
        directDownload: flag,
        deployAsIs: flag,
        name: filledText,
        deleteProtection: flag,
        forceDelete: flag,
        tags: tagMap,
        triggers: textMap,
      },
    ),
    ...wrongExtension(news),
    ...oneWay(news),
  ],
  nameOf: ({ name, url }) => name ?? url,
  listing: templateListing,
  make: (inputs, label) => ({
    name: "registerTemplate",
    sync: true,
    parameters: {
      name: inputs.name ?? label,
      url: inputs.url,
      format: inputs.format,
      hypervisor: inputs.hypervisor ?? defaultHypervisor,
      zoneids: inputs.zoneIds?.join(",") ?? allZones,
      ...(inputs.checksum !== undefined && { checksum: inputs.checksum }),
      ...(inputs.directDownload !== undefined && { directdownload: String(inputs.directDownload) }),
      ...(inputs.deployAsIs !== undefined && { deployasis: String(inputs.deployAsIs) }),
      isextractable: String(inputs.extractable ?? false),
      ...creationParameters(inputs, { [keyDetail]: label }),
    },
  }),
  labelOf: ({ name, details }) => details[keyDetail] ?? name,
  labelPasses: true,
  chosenByCloud: ["name", "osTypeId", "zoneIds", "checksum"],
  tagged: "Template",
  settle: (id, inputs, context) =>
    waitUntilReadyIn(id, inputs.zoneIds, context, {
      what: "the template was not fetched",
      next: "look at the URL and the checksum, then pulumi up",
    }),
  inputsOf: (row) => ({
    name: row.name,
    ...flagInputs(row),
    url: row.url ?? "",
    format: row.format ?? "",
    hypervisor: row.hypervisor ?? "",
    ...zonesOf(row),
    ...(row.checksum !== undefined && { checksum: row.checksum }),
    ...(row.directdownload === true && { directDownload: true }),
    ...(row.deployasis === true && { deployAsIs: true }),
    ...tagInputs(row),
  }),
  stateOf: (row, inputs) => ({
    ...inputs,
    name: row.name,
    hypervisor: row.hypervisor ?? inputs.hypervisor ?? "",
    displayText: row.displaytext ?? inputs.displayText,
    osTypeId: row.ostypeid ?? inputs.osTypeId ?? "",
    size: row.size ?? 0,
    physicalSize: row.physicalsize ?? 0,
    created: row.created ?? "",
    ready: (row.inZones ?? [row]).every(({ isready }) => isready === true),
  }),
  changes: (row, wanted, old) => [
    ...flagChanges(row, wanted, old),
    ...detailChanges(row, wanted.details ?? (old.details ? {} : withoutLabel(row.details))),
  ],
  remove: (id, { forceDelete }) => ({
    name: "deleteTemplate",
    parameters: { id, ...(forceDelete === true && { forced: "true" }) },
  }),
  removalAdvice: { invalid: "remove the instances that are made from it first, or set forceDelete" },
  isProtected: ({ deleteProtection }) => deleteProtection === true,
  isSame: isSameHere,
  difference: (_, __, moves) => ({
    costs: moves.some(({ property }) => property === "url" || property === "checksum")
      ? ["the template is fetched again: instances keep the old one"]
      : [],
  }),
  stable: ["name", "osTypeId", "size", "physicalSize", "created", "ready"],
});

function zonesOf({ inZones = [] }: TemplateRow): { zoneIds?: string[] } {
  const zoneIds = inZones.flatMap(({ zoneid }) => zoneid ?? []);
  return zoneIds.length > 0 ? { zoneIds } : {};
}

function webAddress(value: unknown): string | undefined {
  const valid = URL.canParse(String(value)) && /^https?:$/u.test(new URL(String(value)).protocol);
  return valid ? undefined : "must be an address of http or https";
}

/** CloudStack goes by the name, and refuses the URL only when it is asked. */
function wrongExtension({ url, format }: RegisteredTemplateInputs): Fault[] {
  const known = extensions[String(format)];
  if (webAddress(url) !== undefined || !known) return [];
  const path = new URL(url).pathname.toLowerCase().replace(/\.(gz|bz2|xz|zip)$/u, "");
  if (known.some((extension) => path.endsWith(`.${extension}`))) return [];
  const wanted = known.map((extension) => `.${extension}`).join(" or ");
  return [{ property: "url", reason: `must end in ${wanted}, since the format is ${format}` }];
}

function oneWay({ directDownload, deployAsIs, hypervisor }: RegisteredTemplateInputs): Fault[] {
  const faults: Fault[] = [];
  if (directDownload === true && hypervisor !== undefined && hypervisor !== defaultHypervisor) {
    faults.push({ property: "directDownload", reason: "is for KVM only" });
  }
  if (deployAsIs === true && hypervisor !== undefined && hypervisor.toLowerCase() !== "vmware") {
    faults.push({ property: "deployAsIs", reason: "is for VMware only" });
  }
  return faults;
}

function withoutLabel(details: Readonly<Record<string, string>>): Record<string, string> {
  const { [keyDetail]: _, ...rest } = details;
  return rest;
}

/** It may have been copied to more zones; older versions show no URL, and the digest of another algorithm. */
function isSameHere(property: string, known: unknown, seen: unknown): boolean {
  if (property === "zoneIds") return (known as string[]).every((zone) => (seen as string[]).includes(zone));
  if (property === "checksum") return isSameDigest(String(known), String(seen));
  if (property === "url") return seen === "" || seen === known;
  if (property === "hypervisor") return String(known).toLowerCase() === String(seen).toLowerCase();
  return JSON.stringify(known) === JSON.stringify(seen);
}

function isSameDigest(known: string, seen: string): boolean {
  const [a, b] = [known, seen].map((text) => text.replace(/^\{.*\}/u, "").toLowerCase());
  return a === b || a?.length !== b?.length;
}
