import type { Cloud } from "../../cloud/cloud.ts";
import type { Event } from "../../cloud/model.ts";
import { apiTime } from "../../cloud/time.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, isOneOf } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { date, flag, text, uuid } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { ownerFields } from "../views/owner.ts";
import { visibleTo } from "../visibility.ts";

/** Newest first. */
export const listEvents = listCommand({
  name: "listEvents",
  description: "A command to list events.",
  params: {
    id: uuid("events", "the event"),
    startid: uuid("events", "an act's first event: those that belong to it"),
    type: text("kind, such as VM.CREATE"),
    level: text("INFO, WARN or ERROR"),
    state: text("Created, Scheduled, Started or Completed"),
    startdate: date("since then"),
    enddate: date("until then"),
    resourcetype: text("type of the object; with resourceid"),
    resourceid: text("id of the object"),
    archived: flag("archived ones; the lab has none"),
    duration: unsupported("how long an act took"),
    entrytime: unsupported("how long ago an act was begun"),
    ...visibilityParams,
  },
  response: { id: "string", type: "string", level: "string", state: "string", description: "string" },
  run(call, cloud) {
    const { values } = call;
    const isVisible = visibleTo(cloud, call);
    const since = values.startdate && apiTime(values.startdate);
    const until = values.enddate && apiTime(values.enddate);
    const rows = cloud.store.filter(
      "events",
      (event) =>
        isVisible(event) &&
        isOneOf(event.id, values.id) &&
        (values.startid === undefined || event.id === values.startid || event.parentId === values.startid) &&
        equals(values.type, event.type) &&
        equals(values.level, event.level) &&
        equals(values.state, event.state) &&
        (since === undefined || event.created >= since) &&
        (until === undefined || event.created <= until) &&
        equals(values.resourcetype?.toLowerCase(), (event.resourceType ?? "").toLowerCase()) &&
        equals(values.resourceid, event.resourceId ?? "") &&
        values.archived !== true &&
        hasKeyword(values.keyword, event.type, event.description, event.level),
    );
    return listOf(call, "event", rows.reverse(), (event) => eventView(cloud, event));
  },
});

function eventView(cloud: Cloud, event: Event): Record<string, unknown> {
  return {
    id: event.id,
    username: cloud.store.get("users", event.userId)?.name ?? "system",
    type: event.type,
    level: event.level,
    description: event.description,
    ...ownerFields(cloud, event.accountId),
    ...(event.resourceId === undefined ? {} : { resourceid: event.resourceId }),
    ...(event.resourceType === undefined ? {} : { resourcetype: event.resourceType }),
    created: event.created,
    state: event.state,
    ...(event.parentId === undefined ? {} : { parentid: event.parentId }),
    archived: false,
  };
}
