/** Parameters that say whose something is to be. The lab has the administrator's account, and no projects. */
import { invalidValue } from "../cloud/failure.ts";
import { flag, invalid, text, uuid } from "./parameters.ts";

const account = text("owner's account; with domainid", {
  check(name, { store }) {
    if (name !== "" && !store.find("accounts", (row) => row.name === name)) {
      throw invalidValue(`Unable to find account ${name}`);
    }
  },
});

const projectid = text("owner's project; -1 for all of them", {
  check(id, place) {
    if (id === "-1") return;
    throw invalid(
      place,
      `Invalid parameter projectid value=${id} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
    );
  },
});

/** Owner of what a command makes. */
export const ownerParams = { account, domainid: uuid("domains", "owner's domain"), projectid };

/** Whose things a list shows. */
export const visibilityParams = {
  ...ownerParams,
  listall: flag("everything that the caller may see, not only its own"),
  isrecursive: flag("subdomains as well"),
};
