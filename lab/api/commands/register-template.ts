import { isRoot } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue, parameterFault } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import { type NewTemplate, registerTemplateRow } from "../../cloud/templates.ts";
import { hypervisor as labHypervisor } from "../../cloud/world.ts";
import { command } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { firstDetails, flag, integer, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { checkedChecksum, checkedUrl, formatOf } from "../template-url.ts";
import { unsupported, unsupportedFlag } from "../unsupported.ts";
import { templateView } from "../views/template.ts";

const allZones = "-1";

export const registerTemplate = command({
  name: "registerTemplate",
  description: "Registers an existing Template into the CloudStack cloud.",
  event: { type: "TEMPLATE.CREATE", doing: "creating template" },
  params: {
    name: text("name; several templates may have the same").required(),
    url: text("http or https, of a disk image", { length: 2048 }).required(),
    format: text("QCOW2 or RAW").required(),
    hypervisor: text("KVM").required(),
    displaytext: text("what it is", { length: 4096 }),
    ostypeid: uuid("osTypes", "OS type"),
    zoneid: uuid("zones", "zone; -1 for all"),
    zoneids: uuids("zones", "zones, in place of zoneid"),
    checksum: text("{MD5}, {SHA-1}, {SHA-256} or {SHA-512} and the hex digest; or the digest alone"),
    directdownload: flag("hosts fetch it themselves: ready at once"),
    deployasis: flag("an OVA of VMware, as it is"),
    bits: withoutEffect(integer("32 or 64")),
    details: firstDetails("details[0].name=value; other indexes are dropped"),
    isfeatured: flag("shown first"),
    ispublic: flag("usable by all"),
    isextractable: flag("can be downloaded"),
    passwordenabled: flag("deployments get a password"),
    sshkeyenabled: flag("takes SSH keys"),
    requireshvm: flag("needs hardware virtualisation (true)"),
    isdynamicallyscalable: flag("can be scaled while it runs"),
    isrouting: unsupportedFlag("virtual routers"),
    templatetag: unsupported("host tags"),
    templatetype: withoutEffect(text("USER")),
    arch: withoutEffect(text("CPU architecture")),
    forcks: withoutEffect(flag("for Kubernetes clusters")),
    extensionid: unsupported("extensions"),
    externaldetails: unsupported("extensions"),
    ...ownerParams,
  },
  response: { id: "string", name: "string", isready: "boolean", status: "string" },
  async run({ values, account }, cloud) {
    const zoneIds = zonesNamed(values, cloud, isRoot(account));
    if (values.deployasis !== true && values.ostypeid === undefined) {
      throw parameterFault("Please provide a guest OS type");
    }
    if (values.hypervisor !== labHypervisor) {
      throw invalidValue(`The hypervisor ${values.hypervisor} is not in this zone; it has ${labHypervisor}`);
    }
    if (values.deployasis === true) throw invalidValue("Deploy as-is is supported for VMware only");
    refuseBeyondLimit(cloud, account, "template");
    const format = formatOf(values.format, values.hypervisor);
    const url = await checkedUrl(values.url, format);
    const checksum = values.checksum === undefined ? undefined : checkedChecksum(values.checksum);
    const wanted: NewTemplate = {
      accountId: account.id,
      name: values.name,
      displayText: values.displaytext ?? values.name,
      osTypeId: rowOf(cloud, "osTypes", values.ostypeid ?? "").id,
      details: values.details ?? {},
      isPublic: values.ispublic ?? false,
      isFeatured: values.isfeatured === true && isRoot(account),
      passwordEnabled: values.passwordenabled ?? false,
      sshKeyEnabled: values.sshkeyenabled ?? false,
      requiresHvm: values.requireshvm ?? true,
      dynamicallyScalable: values.isdynamicallyscalable ?? false,
    };
    const template = cloud.store.transaction(() =>
      registerTemplateRow(cloud, wanted, zoneIds, {
        url,
        format,
        ...(checksum && { checksum }),
        direct: values.directdownload === true,
        extractable: values.isextractable ?? false,
      }),
    );
    cloud.downloads.begin(template.id);
    const rows = zoneIds.map((zoneId) => templateView(cloud, template, zoneId));
    return { count: rows.length, template: rows };
  },
});

function zonesNamed(
  { zoneid, zoneids }: { zoneid?: string | undefined; zoneids?: readonly string[] | undefined },
  cloud: Cloud,
  byRoot: boolean,
): string[] {
  if (zoneid !== undefined && zoneids !== undefined) {
    throw parameterFault("Both zoneid and zoneids cannot be specified at the same time");
  }
  const named = zoneids ?? (zoneid === undefined ? [] : [zoneid]);
  if (named.length === 0) {
    throw parameterFault("Either zoneid or zoneids is required. Both cannot be null.");
  }
  if (!named.includes(allZones)) return named.map((id) => rowOf(cloud, "zones", id).id);
  if (named.length > 1) {
    throw parameterFault("Parameter zoneids cannot combine all zones (-1) option with other zones");
  }
  if (!byRoot) {
    throw invalidValue(
      "Template registered for 'All zones' can only be owned a Root Admin account. Please select specific zone(s).",
    );
  }
  return [...cloud.store.all("zones")].map(({ id }) => id);
}
