import { z } from "zod";
import { describeTarget } from "../../ssh/index.ts";
import { askMachine, sshTo } from "../machine/ask.ts";
import { gateSchema } from "../machine/gate.ts";
import { describeGate, judgeService, type ServiceReady, serviceReport } from "../machine/service.ts";
import { targetOf } from "../machine/target.ts";
import { type Act, connectionSchema, pinnedConnection, triggers, triggersSchema } from "./act.ts";

/** Shorter than systemd's usual pause before a restart, long enough for a process that trips over its first work. */
const watchSeconds = 3;

const inputs = z.strictObject({
  connection: pinnedConnection,
  unit: z.string().regex(/^[\w@.\\:-]+\.\w+$/u, "a unit has its type: oma-api.service"),
  gate: gateSchema,
  enable: z.boolean().default(false),
  triggers,
});

const inputProperties = {
  connection: connectionSchema,
  unit: { type: "string", description: "Name of the unit: `oma-api.service`." },
  gate: { $ref: "#/types/guest:index:Gate", description: "When the service counts as ready." },
  enable: { type: "boolean", default: false, description: "Start it at every boot, too." },
  triggers: triggersSchema,
};

const outputProperties = {
  mainPid: { type: "integer", description: "Process id of the service; 0 when it has none." },
  activeState: { type: "string", description: "systemd's word for its state." },
  readySeconds: { type: "number", description: "Time from its start until the gate held." },
  evidence: { type: "string", description: 'What was seen: `HTTP 200, status="healthy"`.' },
};

export const serviceTypes = {
  "guest:index:Gate": {
    type: "object",
    description: "Evidence that a service does its work. `kind` says which of the other properties count.",
    properties: {
      kind: { type: "string", description: "`http`, `socket`, `sql` or `unit`." },
      timeoutSeconds: { type: "number", description: "How long it may take to hold, in seconds." },
      port: { type: "integer", description: "TCP port; of http and socket." },
      path: { type: "string", description: "Path that is asked for at 127.0.0.1; of http." },
      status: { type: "integer", description: "HTTP status that must be answered; of http." },
      json: {
        type: "object",
        additionalProperties: { $ref: "pulumi.json#/Any" },
        description: "Fields that the answer must have; of http.",
      },
      address: { type: "string", description: "Address that must be listened on; of socket." },
      database: { type: "string", description: "Database that is asked as its root; of sql." },
      query: { type: "string", description: "Statement that is asked; of sql." },
      equals: { type: "string", description: "First value of the answer; of sql." },
      state: { type: "string", description: "`active` or `exited`; of unit." },
    },
    required: ["kind", "timeoutSeconds"],
  },
};

/** A service that was started, does its work, and still did when it was watched for a while. */
export const service: Act<z.infer<typeof inputs>, ServiceReady> = {
  token: "guest:index:Service",
  schema: {
    description:
      "Starts a systemd unit and waits until it does its work, which its unit state alone never shows; a service that dies after its start is a failure, told with the end of its log.",
    properties: { ...inputProperties, ...outputProperties },
    required: ["connection", "unit", "gate", ...Object.keys(outputProperties)],
    inputProperties,
    requiredInputs: ["connection", "unit", "gate"],
  },
  inputs,
  repeatedBy: ["unit", "gate", "enable", "triggers"],
  perform: async ({ connection, unit, gate, enable }, { connections, signal, progress }) => {
    const target = targetOf(connection);
    const request = { unit, gate, enable, watchSeconds };
    progress(`starting ${unit}, waiting for ${describeGate(gate)}`);
    const answer = await connections.use(target, signal, (shell) =>
      askMachine(shell, { service: request }, signal),
    );
    const outputs = judgeService(request, serviceReport.parse(answer).service, {
      name: describeTarget(target),
      ssh: sshTo(target),
    });
    progress(`${unit} is ready after ${outputs.readySeconds} s: ${outputs.evidence}`);
    return { id: `${unit}@${connection.host}`, outputs };
  },
};
