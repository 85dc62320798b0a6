/** Domains of guests' names: they stand in the configuration of the network's name server, so they are nothing else. */
import { invalidValue } from "../cloud/failure.ts";
import { type Parameter, text } from "./parameters.ts";

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const domain = new RegExp(`^${label}(?:\\.${label})*$`);

export function networkDomain(): Parameter<string, false> {
  return text("domain of the guests' names", {
    check(value) {
      // An empty one is as good as none.
      if (value === "" || (value.length <= 190 && domain.test(value))) return;
      throw invalidValue(
        "Invalid network domain. Total length shouldn't exceed 190 chars. Each domain label must be between 1 and 63 characters long, can contain ASCII letters 'a' through 'z', the digits '0' through '9', and the hyphen ('-'); can't start or end with \"-\"",
      );
    },
  });
}
