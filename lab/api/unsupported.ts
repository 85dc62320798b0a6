/** Real parameters that the lab has nothing for. Taking them in silence would let a program pass that fails on a cloud. */
import { parameterFault } from "../cloud/failure.ts";
import { flag, type Parameter, type Place, text } from "./parameters.ts";

export function unsupported(description: string): Parameter<string, false> {
  const refuse = ({ command, parameter }: Place): never => {
    throw parameterFault(
      `Unable to execute API command ${command}: the lab has no ${parameter} (${description})`,
    );
  };
  const refusing = text(description, {
    length: 65536,
    check: (value, place) => (value === "" ? undefined : refuse(place)),
  });
  return { ...refusing, support: "refused", readMap: (_, place) => refuse(place) };
}

/** Of a truth value: false is what the lab does anyway. */
export function unsupportedFlag(description: string): Parameter<boolean, false> {
  const { readText } = unsupported(description);
  const parameter = flag(description);
  return {
    ...parameter,
    support: "refused",
    readText: (value, place) => {
      if (value.toLowerCase() === "true") readText?.(value, place);
      return false;
    },
  };
}
