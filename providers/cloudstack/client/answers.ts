/**
 * CloudStack's answers. Servers of different ages send numbers and booleans as strings, leave fields out, and number
 * what others name; what is not understood is passed over, and an id is never lost.
 */
import { z } from "zod";

const text = z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string());
/** Nobody is to lose an object because its name is not told. */
const label = text.catch("");
const words = text.optional().catch(undefined);
const number = z
  .preprocess(
    (value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value),
    z.number(),
  )
  .optional()
  .catch(undefined);
const flag = z
  .preprocess((value) => (typeof value === "string" ? value === "true" : value), z.boolean())
  .optional()
  .catch(undefined);
const stringMap = z
  .record(
    z.string(),
    z.preprocess((value) => (value === null ? "" : String(value)), z.string()),
  )
  .catch({});
/** What is not understood of a list is passed over, and the rest is kept. */
const listOf = <Item>(item: z.ZodType<Item>) =>
  z
    .array(z.unknown())
    .catch([])
    .default([])
    .transform((all) =>
      all.flatMap((each) => {
        const parsed = item.safeParse(each);
        return parsed.success ? [parsed.data] : [];
      }),
    );
const tags = listOf(z.object({ key: text, value: text.catch("") }));

/** CloudStack writes lists as one text, joined by commas. */
const commaList = z
  .preprocess(
    (value) =>
      typeof value === "string"
        ? value
            .split(",")
            .map((part) => part.trim())
            .filter(Boolean)
        : value,
    z.array(text),
  )
  .catch([])
  .default([]);

export const zone = z.object({ id: text, name: label, networktype: words, allocationstate: words });
export type Zone = z.infer<typeof zone>;

export const serviceOffering = z.object({
  id: text,
  name: label,
  displaytext: words,
  zoneid: words,
  cpunumber: number,
  cpuspeed: number,
  memory: number,
  iscustomized: flag,
  rootdisksize: number,
});
export type ServiceOffering = z.infer<typeof serviceOffering>;

export const osType = z.object({ id: text, description: label });
export type OsType = z.infer<typeof osType>;

export const network = z.object({
  id: text,
  name: label,
  displaytext: words,
  type: words,
  state: words,
  cidr: words,
  gateway: words,
  netmask: words,
  networkdomain: words,
  networkofferingid: words,
  egressdefaultpolicy: flag,
  vpcid: words,
  vlan: words,
  zoneid: words,
  zonename: words,
  tags,
});
export type Network = z.infer<typeof network>;

export const template = z.object({
  id: text,
  name: label,
  displaytext: words,
  zoneid: words,
  zonename: words,
  isready: flag,
  status: words,
  size: number,
  physicalsize: number,
  created: words,
  ostypeid: words,
  ostypename: words,
  hypervisor: words,
  format: words,
  url: words,
  checksum: words,
  directdownload: flag,
  deployasis: flag,
  downloaddetails: listOf(z.object({ downloadState: words, downloadPercent: words })),
  passwordenabled: flag,
  sshkeyenabled: flag,
  isdynamicallyscalable: flag,
  requireshvm: flag,
  templatetag: words,
  account: words,
  ispublic: flag,
  isfeatured: flag,
  isextractable: flag,
  details: stringMap.default({}),
  tags,
  jobid: words,
});
export type Template = z.infer<typeof template>;

export const templatePermission = z.object({
  id: text,
  ispublic: flag,
  account: listOf(text),
  projectids: listOf(text),
});

export const keyPair = z.object({ id: words, name: label, fingerprint: words, publickey: words });
export type KeyPair = z.infer<typeof keyPair>;

export const createdKeyPair = keyPair.extend({ privatekey: text });

const nic = z.object({
  networkid: words,
  ipaddress: words,
  macaddress: words,
  isdefault: flag,
});

export const instance = z.object({
  id: text,
  name: label,
  displayname: words,
  state: text.catch("Unknown"),
  zoneid: words,
  zonename: words,
  templateid: words,
  templatename: words,
  serviceofferingid: words,
  serviceofferingname: words,
  hypervisor: words,
  ostypeid: words,
  guestosid: words,
  created: words,
  keypair: words,
  keypairs: words,
  ipaddress: words,
  publicip: words,
  jobid: words,
  userdata: words,
  userdataid: words,
  deleteprotection: flag,
  isdynamicallyscalable: flag,
  affinitygroup: listOf(z.object({ id: text })),
  securitygroup: listOf(z.object({ id: text })),
  isoid: words,
  details: stringMap.default({}),
  readonlydetails: commaList,
  nic: listOf(nic),
  tags,
});
export type Instance = z.infer<typeof instance>;

export const volume = z.object({
  id: text,
  name: words,
  type: words,
  state: words,
  size: number,
  zoneid: words,
  virtualmachineid: words,
  deviceid: number,
  diskofferingid: words,
  snapshotid: words,
  tags,
});
export type Volume = z.infer<typeof volume>;

export const userData = z.object({ id: text, name: label, userdata: words, params: words });
export type UserData = z.infer<typeof userData>;

export const affinityGroup = z.object({ id: text, name: label, type: words, description: words });
export type AffinityGroup = z.infer<typeof affinityGroup>;

export const publicAddress = z.object({
  id: text,
  ipaddress: label,
  associatednetworkid: words,
  vpcid: words,
  zoneid: words,
  issourcenat: flag,
  isstaticnat: flag,
  virtualmachineid: words,
  vmipaddress: words,
  state: words,
  tags,
});
export type PublicAddress = z.infer<typeof publicAddress>;

export const firewallRule = z.object({
  id: text,
  protocol: label,
  startport: number,
  endport: number,
  icmptype: number,
  icmpcode: number,
  ipaddressid: words,
  networkid: words,
  cidrlist: commaList,
  destcidrlist: commaList,
  state: words,
  tags,
});
export type FirewallRule = z.infer<typeof firewallRule>;

export const portForwardingRule = z.object({
  id: text,
  protocol: label,
  publicport: number,
  publicendport: number,
  privateport: number,
  privateendport: number,
  ipaddressid: words,
  ipaddress: words,
  networkid: words,
  virtualmachineid: words,
  vmguestip: words,
  cidrlist: commaList,
  state: words,
  tags,
});
export type PortForwardingRule = z.infer<typeof portForwardingRule>;

export const snapshot = z.object({
  id: text,
  name: words,
  volumeid: words,
  zoneid: words,
  state: words,
  physicalsize: number,
  virtualsize: number,
  created: words,
  tags,
});
export type Snapshot = z.infer<typeof snapshot>;

/** Its name is the server's own; the display name is what it was called. */
export const instanceSnapshot = z.object({
  id: text,
  name: words,
  displayname: words,
  description: words,
  virtualmachineid: words,
  type: words,
  state: words,
  created: words,
  tags,
});
export type InstanceSnapshot = z.infer<typeof instanceSnapshot>;

const securityRule = z.object({
  ruleid: text,
  protocol: label,
  startport: number,
  endport: number,
  icmptype: number,
  icmpcode: number,
  cidr: words,
});
export type SecurityRule = z.infer<typeof securityRule>;

export const securityGroup = z.object({
  id: text,
  name: label,
  description: words,
  ingressrule: listOf(securityRule),
  egressrule: listOf(securityRule),
  tags,
});
export type SecurityGroup = z.infer<typeof securityGroup>;

export const diskOffering = z.object({ id: text, name: label, disksize: number, iscustomized: flag });
export type DiskOffering = z.infer<typeof diskOffering>;

export const networkOffering = z.object({
  id: text,
  name: label,
  guestiptype: words,
  egressdefaultpolicy: flag,
  service: listOf(z.object({ name: label })),
});
export type NetworkOffering = z.infer<typeof networkOffering>;

export const account = z.object({ id: text, name: label, domainid: words, domain: words, state: words });
export type Account = z.infer<typeof account>;

export const capabilities = z.object({
  cloudstackversion: words,
  securitygroupsenabled: flag,
  dynamicrolesenabled: flag,
  kvmsnapshotenabled: flag,
  allowuserexpungerecovervm: flag,
});

export const api = z.object({ name: label });

export const project = z.object({ id: text, name: label });

export const submitted = z.object({ id: words, jobid: text });

export const job = z.object({
  jobid: words,
  jobstatus: z.preprocess((value) => Number(value), z.number()),
  jobresultcode: number,
  jobresult: z.record(z.string(), z.unknown()).optional().catch(undefined),
  jobinstanceid: words,
});
export type Job = z.infer<typeof job>;

export const failedResult = z.object({ errorcode: number, errortext: words });

export const envelope = z.record(z.string(), z.record(z.string(), z.unknown()));
