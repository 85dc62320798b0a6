import { isRoot } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue, parameterFault, permissionDenied, runtimeFault } from "../../cloud/failure.ts";
import { refuseBeyondLimit } from "../../cloud/limits.ts";
import type { Instance, Snapshot } from "../../cloud/model.ts";
import { capturePlan, createTemplateOfSnapshot, createTemplateRow } from "../../cloud/templates.ts";
import { asyncCommand } from "../command.ts";
import { ownerParams } from "../owners.ts";
import { firstDetails, flag, integer, text, uuid, withoutEffect } from "../parameters.ts";
import { rowOf } from "../rows.ts";
import { unsupported } from "../unsupported.ts";
import { templateView } from "../views/template.ts";
import { volumeText } from "../views/volume.ts";

export const createTemplate = asyncCommand({
  name: "createTemplate",
  description: "Creates a Template of an Instance. The Instance must be in a Stopped state.",
  event: { type: "TEMPLATE.CREATE", doing: "creating template. Template Id:" },
  commandClass: "admin.template.CreateTemplateCmdByAdmin",
  creates: true,
  params: {
    name: text("name; several templates may have the same").required(),
    ostypeid: uuid("osTypes", "OS type").required(),
    displaytext: text("what it is", { length: 4096 }),
    volumeid: uuid("volumes", "the root disk"),
    zoneid: uuid("zones", "only with snapshotid"),
    bits: withoutEffect(integer("32 or 64")),
    details: firstDetails("details[0].name=value; other indexes are dropped"),
    isfeatured: flag("shown first"),
    ispublic: flag("usable by all"),
    passwordenabled: flag("deployments get a password"),
    sshkeyenabled: flag("takes SSH keys"),
    requireshvm: flag("needs hardware virtualisation (true)"),
    isdynamicallyscalable: flag("can be scaled while it runs"),
    snapshotid: uuid("snapshots", "a snapshot of a root disk"),
    virtualmachineid: unsupported("bare metal"),
    url: unsupported("bare metal"),
    templatetag: text("tag of the hosts; for the root administrator, and without effect here"),
    arch: withoutEffect(text("CPU architecture")),
    ...ownerParams,
  },
  response: { id: "string", name: "string", isready: "boolean", size: "long" },
  submit({ values, command, account, caller }, cloud) {
    if (values.name.trim() === "") {
      throw parameterFault(`Unable to execute API command ${command} due to missing parameter name`);
    }
    if (values.templatetag !== undefined && !isRoot(caller.account)) {
      throw permissionDenied(
        "Parameter templatetag can only be specified by a Root Admin, permission denied",
      );
    }
    refuseBeyondLimit(cloud, account, "template");
    if (values.volumeid === undefined && values.snapshotid === undefined) {
      throw invalidValue("Unable to find snapshot by id=null");
    }
    if (values.zoneid !== undefined && values.snapshotid === undefined) {
      throw invalidValue(
        "Failed to create private template record, zone ID can only be specified together with snapshot ID.",
      );
    }
    const wanted = {
      accountId: account.id,
      name: values.name,
      displayText: values.displaytext ?? values.name,
      osTypeId: rowOf(cloud, "osTypes", values.ostypeid).id,
      details: values.details ?? {},
      isPublic: values.ispublic ?? false,
      isFeatured: values.isfeatured === true && isRoot(caller.account),
      passwordEnabled: values.passwordenabled ?? false,
      sshKeyEnabled: values.sshkeyenabled ?? false,
      requiresHvm: values.requireshvm ?? true,
      dynamicallyScalable: values.isdynamicallyscalable ?? false,
    };
    const template =
      values.snapshotid === undefined
        ? createTemplateRow(cloud, wanted, stoppedSource(cloud, values.volumeid ?? ""))
        : createTemplateOfSnapshot(cloud, wanted, wholeSnapshot(cloud, values.snapshotid));
    return capturePlan(cloud, template.id, templateView);
  },
  resume: (job, cloud) => capturePlan(cloud, job.instanceId ?? "", templateView),
});

function stoppedSource(cloud: Cloud, volumeId: string): Instance {
  const volume = rowOf(cloud, "volumes", volumeId);
  if (volume.type === "DATADISK" || volume.instanceId === undefined) {
    throw invalidValue("the lab makes templates of root disks only");
  }
  const source = cloud.store.need("instances", volume.instanceId);
  if (source.state === "Stopped" || source.state === "Destroyed") return source;
  throw runtimeFault(
    `Unable to create private template for volume: ${volumeText(cloud, volume)}; volume is attached to a non-stopped VM, please stop the VM first`,
  );
}

function wholeSnapshot(cloud: Cloud, id: string): Snapshot {
  const snapshot = rowOf(cloud, "snapshots", id);
  if (snapshot.state === "BackedUp") return snapshot;
  throw invalidValue(
    `Snapshot id=${id} is not in BackedUp state yet and can't be used for template creation`,
  );
}
