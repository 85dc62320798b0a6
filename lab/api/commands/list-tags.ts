import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { text, withoutEffect } from "../parameters.ts";
import { tagView } from "../views/tag.ts";
import { visibleTo } from "../visibility.ts";

export const listTags = listCommand({
  name: "listTags",
  description: "List resource tag(s)",
  since: "4.0.0",
  params: {
    resourcetype: text("type"),
    resourceid: text("id"),
    key: text("exact key"),
    value: text("exact value"),
    customer: withoutEffect(text("whom it concerns")),
    ...visibilityParams,
  },
  response: { key: "string", value: "string", resourcetype: "string", resourceid: "string" },
  run(call, cloud) {
    const { resourcetype, resourceid, key, value, keyword } = call.values;
    const isVisible = visibleTo(cloud, call, call.values.resourceid);
    const rows = cloud.store.filter(
      "tags",
      (tag) =>
        isVisible(tag) &&
        equals(resourcetype?.toLowerCase(), tag.resourceType.toLowerCase()) &&
        equals(resourceid, tag.resourceId) &&
        equals(key, tag.key) &&
        equals(value, tag.value) &&
        hasKeyword(keyword, tag.key, tag.value),
    );
    return listOf(call, "tag", rows, (tag) => tagView(cloud, tag));
  },
});
