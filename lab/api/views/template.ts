import { mayAccess } from "../../cloud/accounts.ts";
import { currentCaller, seesAll } from "../../cloud/call-context.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
import { derivedId } from "../../cloud/ids.ts";
import type { Template } from "../../cloud/model.ts";
import { hypervisor, templateFormat } from "../../cloud/world.ts";
import { busyFields } from "./busy.ts";
import { ownerFields } from "./owner.ts";
import { tagViews } from "./tag.ts";

/** @param zoneId which of the zones that have it; by default the one that it was made in */
export function templateView(
  cloud: Cloud,
  template: Template,
  zoneId = template.zoneId,
): Record<string, unknown> {
  const ready = template.state === "Ready";
  return {
    ...commonFields(cloud, template),
    isready: ready,
    passwordenabled: template.passwordEnabled,
    isfeatured: template.isFeatured,
    zoneid: zoneId,
    zonename: cloud.zoneNamed(zoneId).name,
    ...(isOwn(cloud, template) ? { status: statusOf(cloud, template) } : {}),
    ...(ready ? { size: template.size, physicalsize: template.physicalSize } : {}),
    isextractable: template.isExtractable,
    checksum: template.builtin ? "" : template.download?.checksum?.value,
    ...(template.sourceTemplateId === undefined ? {} : { sourcetemplateid: template.sourceTemplateId }),
    details: template.details,
    downloaddetails: downloadDetails(cloud, template),
    arch: "x86_64",
    bits: 0,
    sshkeyenabled: template.sshKeyEnabled,
    isdynamicallyscalable: template.dynamicallyScalable,
    directdownload: template.download?.direct ?? false,
    deployasis: false,
    forcks: false,
    requireshvm: template.requiresHvm,
    ...(template.download === undefined ? {} : { url: template.download.url }),
    tags: tagViews(cloud, template.id).map(({ domainpath: _, ...tag }) => tag),
    hasannotations: false,
    ...(ready ? {} : busyFields(cloud, template.id)),
  };
}

/** How far it has come is told to its owner and to administrators. */
function isOwn(cloud: Cloud, { accountId }: Template): boolean {
  const caller = currentCaller();
  return caller === undefined || mayAccess(cloud, caller.account, accountId);
}

function formatOf({ download }: Template): string {
  return download?.format.toUpperCase() ?? templateFormat;
}

function statusOf(cloud: Cloud, { id, state, download }: Template): string {
  if (state === "Ready") return download?.direct ? "Bypassed Secondary Storage" : "Download Complete";
  if (state === "Failed") return download?.fault ?? "Failed";
  return state === "Downloading" ? cloud.downloads.status(id).text : "Active";
}

function downloadDetails(cloud: Cloud, { id, state, download }: Template): Record<string, unknown>[] {
  const place = {
    datastore: "lab-secondary",
    ...(seesAll() ? { datastoreRole: "Image", datastoreId: fixedId(cloud, "secondary-storage") } : {}),
  };
  const detail = (downloadState: string, percent: number) => [
    { downloadState, downloadPercent: String(percent), ...place },
  ];
  if (state === "Ready") return download?.direct ? detail("BYPASSED", 0) : detail("DOWNLOADED", 100);
  if (state === "Failed") return detail("DOWNLOAD_ERROR", 0);
  if (state === "Downloading") return detail("DOWNLOAD_IN_PROGRESS", cloud.downloads.status(id).percent);
  return [];
}

/** updateTemplate's answer: a reduced object with wrong values, as the server gives it. */
export function updatedTemplateView(cloud: Cloud, template: Template): Record<string, unknown> {
  const { details } = template;
  return {
    ...commonFields(cloud, template),
    isready: false,
    bootable: true,
    isfeatured: false,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    bits: 0,
    isdynamicallyscalable: template.dynamicallyScalable,
    tags: [],
  };
}

/** How error texts name a template. */
export function templateText(cloud: Cloud, template: Template): string {
  const { number, name, id, accountId } = template;
  const owner = cloud.store.need("accounts", accountId).number;
  const uniqueName = `${number}-${owner}-${derivedId(id, "unique name")}`;
  return `Template ${JSON.stringify({ format: formatOf(template), id: number, name, uniqueName, uuid: id })}`;
}

function commonFields(cloud: Cloud, template: Template): Record<string, unknown> {
  return {
    id: template.id,
    name: template.name,
    displaytext: template.displayText,
    ispublic: template.isPublic,
    created: template.created,
    format: formatOf(template),
    crossZones: template.builtin,
    ostypeid: template.osTypeId,
    ostypename: cloud.store.need("osTypes", template.osTypeId).description,
    ...ownerFields(cloud, template.accountId),
    templatetype: template.builtin ? "BUILTIN" : "USER",
    hypervisor,
  };
}
