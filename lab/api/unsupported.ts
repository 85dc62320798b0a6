/** Real parameters that the lab has nothing for. Taking them in silence would let a program pass that fails on a cloud. */
import { parameterFault } from "../cloud/failure.ts";
import { type Parameter, text } from "./parameters.ts";

export function unsupported(description: string): Parameter<string, false> {
  const refusing = text(description, {
    length: 65536,
    check(value, { command, parameter }) {
      if (value === "") return;
      throw parameterFault(
        `Unable to execute API command ${command}: the lab has no ${parameter} (${description})`,
      );
    },
  });
  return { ...refusing, support: "refused" };
}
