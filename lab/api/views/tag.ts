import type { Cloud } from "../../cloud/cloud.ts";
import { lookup } from "../../cloud/lookup.ts";
import type { Tag } from "../../cloud/model.ts";
import { ownerFields } from "./owner.ts";

const byResource = lookup("tags", (tag) => tag.resourceId);

export function tagsOf(cloud: Cloud, resourceId: string): readonly Tag[] {
  return byResource(cloud.store, resourceId);
}

export function tagView(cloud: Cloud, tag: Tag): Record<string, unknown> {
  return {
    key: tag.key,
    value: tag.value,
    resourcetype: tag.resourceType,
    resourceid: tag.resourceId,
    ...ownerFields(cloud, tag.accountId),
  };
}

export function tagViews(cloud: Cloud, resourceId: string): Record<string, unknown>[] {
  return tagsOf(cloud, resourceId).map((tag) => tagView(cloud, tag));
}
