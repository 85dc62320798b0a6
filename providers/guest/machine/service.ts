/** Judges how the start of a service went, from what the probe runner saw on the machine. */
import { z } from "zod";
import type { Gate } from "../../../appliances/types.ts";
import { Problem } from "../../../common/problem.ts";

export interface ServiceRequest {
  unit: string;
  gate: Gate;
  enable: boolean;
  /** How long a service that became ready is watched, in seconds. */
  watchSeconds: number;
}

const unitState = z.object({
  load: z.string(),
  active: z.string(),
  sub: z.string(),
  result: z.string(),
  restarts: z.number(),
  mainPid: z.number(),
  exitStatus: z.number(),
  killed: z.boolean(),
});

export const serviceReport = z.object({
  service: z.object({
    held: z.boolean(),
    died: z.enum(["failed", "restarted", "replaced", "ended"]).nullable(),
    evidence: z.string(),
    /** What systemctl said when it would not start the unit. */
    refused: z.string().optional(),
    first: unitState,
    state: unitState,
    readySeconds: z.number(),
    /** Last lines of the log, without secrets. */
    log: z.array(z.string()),
  }),
});

export type ServiceReport = z.infer<typeof serviceReport>["service"];

export interface ServiceReady {
  mainPid: number;
  activeState: string;
  readySeconds: number;
  evidence: string;
}

/** @throws Problem with the log's end when the service is not ready, or was and died */
export function judgeService(
  request: ServiceRequest,
  report: ServiceReport,
  machine: { name: string; ssh: string },
): ServiceReady {
  const fault = faultOf(request, report);
  if (!fault) {
    return {
      mainPid: report.state.mainPid,
      activeState: report.state.active,
      readySeconds: report.readySeconds,
      evidence: report.evidence,
    };
  }
  const log = report.log.length > 0 ? `\n    ${report.log.join("\n    ")}` : " empty";
  throw new Problem({
    what: fault.what,
    object: `${request.unit} on ${machine.name}`,
    because: `${fault.because}\n  last lines of its log:${log}`,
    next: `${machine.ssh} sudo journalctl -u ${request.unit}`,
  });
}

function faultOf(
  request: ServiceRequest,
  report: ServiceReport,
): { what: string; because: string } | undefined {
  const { died, evidence, first, held, refused, state } = report;
  if (first.load === "not-found")
    return { what: "cannot start the service", because: "there is no such unit" };
  if (first.load === "masked") return { what: "cannot start the service", because: "the unit is masked" };
  if (died) return { what: "the service died after its start", because: deathOf(report) };
  if (refused) return { what: "cannot start the service", because: `${refused}; ${stateOf(state)}` };
  if (held) return undefined;
  return {
    what: "the service does not do its work",
    because: `${describeGate(request.gate)} was not seen within ${request.gate.timeoutSeconds} s: ${evidence}; ${stateOf(state)}`,
  };
}

function deathOf({ died, first, state }: ServiceReport): string {
  const exit = state.killed ? `signal ${state.exitStatus}` : `exit status ${state.exitStatus}`;
  switch (died) {
    case "restarted":
      return `systemd started it again (${state.restarts - first.restarts} times), last ${exit}; ${stateOf(state)}`;
    case "replaced":
      return `its main process changed from ${first.mainPid} to ${state.mainPid}; ${stateOf(state)}`;
    case "ended":
      return `its main process ${first.mainPid} ended, ${exit}; ${stateOf(state)}`;
    default:
      return `${exit}, result ${state.result}; ${stateOf(state)}`;
  }
}

function stateOf({ active, sub }: ServiceReport["state"]): string {
  return `the unit is ${active} (${sub})`;
}

export function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case "http": {
      const fields = Object.entries(gate.json).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `HTTP ${gate.status} on :${gate.port}${gate.path}${fields.length > 0 ? ` with ${fields.join(", ")}` : ""}`;
    }
    case "socket":
      return `a socket on ${gate.address}:${gate.port}`;
    case "sql":
      return `the answer ${gate.equals} to ${gate.query} in ${gate.database}`;
    case "unit":
      return `unit state ${gate.state}`;
  }
}
