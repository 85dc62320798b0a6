import type { Cloud } from "../../cloud/cloud.ts";
import { fixedId } from "../../cloud/fixed-ids.ts";
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
    status: ready ? "Download Complete" : "Active",
    ...(ready ? { size: template.size, physicalsize: template.physicalSize } : {}),
    isextractable: template.isExtractable,
    checksum: template.builtin ? "" : undefined,
    ...(template.sourceTemplateId === undefined ? {} : { sourcetemplateid: template.sourceTemplateId }),
    details: template.details,
    downloaddetails: ready
      ? [
          {
            downloadState: "DOWNLOADED",
            datastore: "lab-secondary",
            datastoreRole: "Image",
            downloadPercent: "100",
            datastoreId: fixedId(cloud, "secondary-storage"),
          },
        ]
      : [],
    arch: "x86_64",
    bits: 0,
    sshkeyenabled: template.sshKeyEnabled,
    isdynamicallyscalable: template.dynamicallyScalable,
    directdownload: false,
    deployasis: false,
    forcks: false,
    requireshvm: template.requiresHvm,
    tags: tagViews(cloud, template.id),
    hasannotations: false,
    ...busyFields(cloud, template.id),
  };
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
export function templateText(template: Template): string {
  const { number, name, id } = template;
  return `Template ${JSON.stringify({ format: templateFormat, id: number, name, uuid: id })}`;
}

function commonFields(cloud: Cloud, template: Template): Record<string, unknown> {
  return {
    id: template.id,
    name: template.name,
    displaytext: template.displayText,
    ispublic: template.isPublic,
    created: template.created,
    format: templateFormat,
    crossZones: false,
    ostypeid: template.osTypeId,
    ostypename: cloud.store.need("osTypes", template.osTypeId).description,
    ...ownerFields(cloud, template.accountId),
    templatetype: template.builtin ? "BUILTIN" : "USER",
    hypervisor,
  };
}
