import { mayAccess } from "../../cloud/accounts.ts";
import { permissionDenied } from "../../cloud/failure.ts";
import type { Template } from "../../cloud/model.ts";
import { command } from "../command.ts";
import { firstDetails, flag, integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported, unsupportedFlag } from "../unsupported.ts";
import { updatedTemplateView } from "../views/template.ts";

export const updateTemplate = command({
  name: "updateTemplate",
  description: "Updates attributes of a Template.",
  event: { type: "TEMPLATE.UPDATE", doing: "updating template. Template Id:" },
  params: {
    id: uuid("templates", "the template").required(),
    name: text("its name"),
    displaytext: text("what it is", { length: 4096 }),
    ostypeid: uuid("osTypes", "OS type"),
    forceupdateostype: withoutEffect(flag("even when instances use it")),
    details: firstDetails("details[0].name=value; replaces them all"),
    cleanupdetails: flag("removes all details"),
    passwordenabled: flag("deployments get a password"),
    sshkeyenabled: flag("takes SSH keys"),
    requireshvm: flag("needs hardware virtualisation"),
    isdynamicallyscalable: flag("can be scaled while it runs"),
    sortkey: withoutEffect(integer("order in lists")),
    templatetag: withoutEffect(text("tag of the hosts; without effect here")),
    format: unsupported("another format"),
    arch: withoutEffect(text("CPU architecture")),
    bootable: withoutEffect(flag("can be booted")),
    forcks: withoutEffect(flag("for Kubernetes clusters")),
    templatetype: withoutEffect(text("USER")),
    isrouting: unsupportedFlag("virtual routers"),
  },
  response: { id: "string", name: "string", isready: "boolean" },
  run({ values, caller }, cloud) {
    const old = rowOf(cloud, "templates", values.id, "use");
    if (!mayAccess(cloud, caller.account, old.accountId)) {
      throw permissionDenied("Domain Admin and regular users can modify only their own Public templates");
    }
    const details = values.cleanupdetails ? {} : values.details;
    const template: Template = {
      ...old,
      name: values.name ?? old.name,
      displayText: values.displaytext ?? old.displayText,
      osTypeId: values.ostypeid === undefined ? old.osTypeId : rowOf(cloud, "osTypes", values.ostypeid).id,
      details: details ?? old.details,
      passwordEnabled: values.passwordenabled ?? old.passwordEnabled,
      sshKeyEnabled: values.sshkeyenabled ?? old.sshKeyEnabled,
      requiresHvm: values.requireshvm ?? old.requiresHvm,
      dynamicallyScalable: values.isdynamicallyscalable ?? old.dynamicallyScalable,
    };
    cloud.store.transaction(() => cloud.store.put("templates", template));
    return { template: updatedTemplateView(cloud, template) };
  },
});
