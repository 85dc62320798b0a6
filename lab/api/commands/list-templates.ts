import { isRoot, mayAccess, roleOf } from "../../cloud/accounts.ts";
import type { Cloud } from "../../cloud/cloud.ts";
import { invalidValue, parameterFault } from "../../cloud/failure.ts";
import type { Account, Template } from "../../cloud/model.ts";
import { zonesOf } from "../../cloud/templates.ts";
import { hypervisor as labHypervisor } from "../../cloud/world.ts";
import { listOf } from "../answers.ts";
import { listCommand } from "../command.ts";
import { equals, hasKeyword, hasNone, hasTag, isOneOf, isZone } from "../filters.ts";
import { visibilityParams } from "../owners.ts";
import { flag, keyValues, list, text, uuid, uuids, withoutEffect } from "../parameters.ts";
import { unsupported } from "../unsupported.ts";
import { templateView } from "../views/template.ts";
import { accountsSeen } from "../visibility.ts";

export const listTemplates = listCommand({
  name: "listTemplates",
  description: "List all public, private, and privileged Templates.",
  params: {
    templatefilter: text(
      "featured, self, selfexecutable, shared, sharedexecutable, executable, community, all",
    ).required(),
    id: uuid("templates", "the template"),
    ids: uuids("templates", "the templates"),
    name: text("exact name"),
    zoneid: uuid("zones", "zone"),
    hypervisor: text("hypervisor"),
    showremoved: withoutEffect(flag("removed ones as well")),
    showunique: flag("one row for all zones"),
    isready: flag("only ready ones, or only those that are not"),
    templatetype: text("USER or BUILTIN"),
    tags: keyValues("tags"),
    arch: text("CPU architecture, such as x86_64"),
    oscategoryid: uuid("osCategories", "category of its OS type"),
    forcks: flag("for Kubernetes clusters"),
    isvnf: flag("network appliances"),
    parenttemplateid: uuid("templates", "data disks of this one"),
    details: withoutEffect(list("parts of the answer")),
    extensionid: unsupported("extensions"),
    showicon: withoutEffect(flag("with icons")),
    ...visibilityParams,
  },
  response: {
    id: "string",
    name: "string",
    isready: "boolean",
    status: "string",
    size: "long",
    zoneid: "string",
  },
  run(call, cloud) {
    const { values } = call;
    const belongs = filters[values.templatefilter];
    if (!belongs) {
      throw parameterFault(
        `No enum constant com.cloud.template.VirtualMachineTemplate.TemplateFilter.${values.templatefilter}`,
      );
    }
    const { account } = call.caller;
    if (values.templatefilter === "all" && roleOf(account) === "User") {
      throw invalidValue("Filter all can be specified by admin only");
    }
    const seen: Seen = {
      account,
      sees: accountsSeen(cloud, account, { ...values, listall: isRoot(account) }),
    };
    const single = values.id !== undefined;
    const rows = cloud.store.filter(
      "templates",
      (template) =>
        isOneOf(template.id, values.id, values.ids) &&
        (single ? !needsReady.has(values.templatefilter) || isReady(template) : belongs(seen, template)) &&
        (!single || isAccessible(cloud, seen, template)) &&
        equals(values.name, template.name) &&
        equals(values.hypervisor, labHypervisor) &&
        equals(values.templatetype, template.builtin ? "BUILTIN" : "USER") &&
        (values.isready === undefined || values.isready === isReady(template)) &&
        equals(values.arch, "x86_64") &&
        isOneOf(cloud.store.need("osTypes", template.osTypeId).categoryId, values.oscategoryid) &&
        hasNone(values.forcks) &&
        hasNone(values.isvnf) &&
        values.parenttemplateid === undefined &&
        hasKeyword(values.keyword, template.name) &&
        hasTag(cloud, values.tags, template.id),
    );
    const entries = rows.flatMap((template) =>
      zonesOf(cloud, template)
        .filter((zoneId) => isZone(values.zoneid, zoneId))
        .slice(0, values.showunique ? 1 : undefined)
        .map((zoneId) => ({ template, zoneId })),
    );
    return listOf(call, "template", entries, ({ template, zoneId }) => templateView(cloud, template, zoneId));
  },
});

const isReady = (template: Template) => template.state === "Ready";
/** Who looks, and whose templates are their own: for the root administrator those of the whole tree. */
interface Seen {
  account: Account;
  sees(accountId: string): boolean;
}

const isOwn = ({ sees }: Seen, template: Template) => !template.builtin && sees(template.accountId);

const isGranted = ({ account }: Seen, { permittedAccounts }: Template) =>
  permittedAccounts.includes(account.name);

function isAccessible(cloud: Cloud, seen: Seen, template: Template): boolean {
  return template.isPublic || isGranted(seen, template) || mayAccess(cloud, seen.account, template.accountId);
}

/** The words that never show what is not ready, not even by its id. */
const needsReady = new Set(["featured", "community", "selfexecutable", "sharedexecutable"]);

const filters: Readonly<Record<string, (seen: Seen, template: Template) => boolean>> = {
  featured: (_, template) => template.isPublic && template.isFeatured && isReady(template),
  community: (_, template) => template.isPublic && !template.isFeatured && isReady(template),
  self: isOwn,
  selfexecutable: (seen, template) => isOwn(seen, template) && isReady(template),
  shared: isGranted,
  sharedexecutable: (seen, template) => isGranted(seen, template) && isReady(template),
  executable: (seen, template) => isOwn(seen, template) || template.isPublic,
  all: (seen, template) => template.isPublic || isOwn(seen, template),
};
