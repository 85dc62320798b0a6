/** Where a value stands in a resource's properties: ["triggers", "unit/oma-api.service"]. */
export type Path = readonly (string | number)[];

/** In Pulumi's notation: `triggers["unit/oma-api.service"]`, `networkIds[0]`, `connection.host`. */
export function pathText(path: Path): string {
  return path.map(partText).join("");
}

function partText(part: string | number, index: number): string {
  if (typeof part === "number") return `[${part}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(part)) return `["${part.replaceAll('"', '\\"')}"]`;
  return index === 0 ? part : `.${part}`;
}

/** Whether `path` is `prefix` or lies inside it. */
export function isInside(path: Path, prefix: Path): boolean {
  return prefix.every((part, index) => path[index] === part);
}
