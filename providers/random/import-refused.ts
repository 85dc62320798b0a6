import { Problem } from "../../common/problem.ts";

/** @param form what the id has to look like */
export function importRefused(type: string, because: string, form: string): Problem {
  return new Problem({
    what: `cannot import the ${type}`,
    object: `random:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`,
    because,
    next: `give ${form} as the id`,
  });
}
