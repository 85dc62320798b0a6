/** Parameters that say whose something is to be, or whose things are meant. */
import { flag, text, uuid, withoutEffect } from "./parameters.ts";

/** Owner of what a command makes; see ownerOf. */
export const ownerParams = {
  account: text("owner's account; with domainid"),
  domainid: uuid("domains", "owner's domain"),
  projectid: uuid("projects", "owner's project"),
};

/** Whose things a list shows; see visibleTo. */
export const visibilityParams = {
  ...ownerParams,
  listall: flag("everything that the caller may see, not only its own"),
  isrecursive: flag("subdomains as well"),
};

/** Of lists of what everybody sees. */
export const everybodysParams = {
  account: withoutEffect(ownerParams.account),
  domainid: withoutEffect(ownerParams.domainid),
  projectid: withoutEffect(ownerParams.projectid),
  listall: withoutEffect(visibilityParams.listall),
  isrecursive: withoutEffect(visibilityParams.isrecursive),
};
