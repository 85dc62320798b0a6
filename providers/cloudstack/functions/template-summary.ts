/** A template as look-ups tell it. */
import type { PropertySpec } from "../../rpc/index.ts";
import type * as answers from "../client/answers.ts";

export interface TemplateSummary {
  id: string;
  name: string;
  zoneId: string;
  created: string;
  osTypeId: string;
  osTypeName: string;
  hypervisor: string;
  size: number;
}

export const templateOutputs: Record<string, PropertySpec> = {
  id: { type: "string" },
  name: { type: "string" },
  zoneId: { type: "string" },
  created: { type: "string", description: "As CloudStack tells it, with its time zone." },
  osTypeId: { type: "string" },
  osTypeName: { type: "string" },
  hypervisor: { type: "string" },
  size: { type: "number", description: "Bytes." },
};

export function templateSummary(row: answers.Template): TemplateSummary {
  return {
    id: row.id,
    name: row.name,
    zoneId: row.zoneid ?? "",
    created: row.created ?? "",
    osTypeId: row.ostypeid ?? "",
    osTypeName: row.ostypename ?? "",
    hypervisor: row.hypervisor ?? "",
    size: row.size ?? 0,
  };
}

/** CloudStack tells its own time zone with each time. */
export function newestFirst(rows: readonly answers.Template[]): answers.Template[] {
  const timeOf = ({ created }: answers.Template) => Date.parse(created ?? "") || 0;
  return [...rows].sort((a, b) => timeOf(b) - timeOf(a));
}
