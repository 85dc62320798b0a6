/** What all look-ups share: one object by its name, or a message that says what there is. */
import { closestTo } from "../../../common/closest.ts";
import { Problem } from "../../../common/problem.ts";
import type { Context, FunctionHandler, FunctionSpec, PropertySpec } from "../../rpc/index.ts";
import type { CloudStack } from "../client/client.ts";
import { attempt } from "../resources/problems.ts";

export type LookUp<Args, Result> = FunctionHandler<Args, Result, CloudStack>;

export function lookUpSchema(parts: {
  description: string;
  inputs: Record<string, PropertySpec>;
  required: readonly string[];
  outputs: Record<string, PropertySpec>;
  /** Outputs that may be missing. */
  optional?: readonly string[];
}): FunctionSpec {
  const { optional = [] } = parts;
  return {
    description: parts.description,
    inputs: { type: "object", properties: parts.inputs, required: parts.required },
    outputs: {
      type: "object",
      properties: parts.outputs,
      required: Object.keys(parts.outputs).filter((name) => !optional.includes(name)),
    },
  };
}

export function looking<T>(
  context: Context<CloudStack>,
  kind: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  return attempt(context.client, { what: `cannot look up the ${kind}`, object: name }, work);
}

/** @throws Problem naming the nearest candidate and all others */
export function theOne<T>(kind: string, name: string, rows: readonly T[], nameOf: (row: T) => string): T {
  const found = rows.filter((row) => nameOf(row) === name);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length > 1) throw ambiguous(kind, name, found.length);
  throw nothing(kind, name, [...new Set(rows.map(nameOf))]);
}

export function nothing(kind: string, name: string, there: readonly string[]): Problem {
  const near = closestTo(name, there);
  const listed = there.slice(0, 12).join(", ") + (there.length > 12 ? `, and ${there.length - 12} more` : "");
  return new Problem({
    what: `no such ${kind}`,
    object: name,
    because: there.length === 0 ? `this key sees no ${kind} at all` : `there is: ${listed}`,
    next: near
      ? `did you mean ${near}? Set its name in the stack's configuration`
      : "set one of these names in the stack's configuration",
  });
}

export function notReady(kind: string, name: string, status: string | undefined): Problem {
  return new Problem({
    what: `the ${kind} is not ready`,
    object: name,
    because: status ? `the cloud says of it: ${status}` : "the cloud is still making or loading it",
    next: "wait until it is, or set another name in the stack's configuration",
  });
}

function ambiguous(kind: string, name: string, count: number): Problem {
  return new Problem({
    what: `more than one ${kind}`,
    object: name,
    because: `${count} have this name, and one must be meant`,
    next: `rename one, or use keys of an account that sees one ${kind} of this name`,
  });
}
