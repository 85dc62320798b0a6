/** command:remote:Command: a command over SSH, at the moments of a resource's life. */
import { z } from "zod";
import { Problem } from "../../../common/problem.ts";
import { faultsBy } from "../../rpc/faults.ts";
import type { Context, Properties, PropertySpec, ResourceHandler } from "../../rpc/index.ts";
import { describeTarget, type ExecResult, type SshTarget, sshCommandLine } from "../../ssh/index.ts";
import { commandFailed } from "../failure.ts";
import {
  lifecycle,
  lifecycleInputs,
  lifecycleOutputs,
  lifecycleShape,
  type Output,
  previousStderr,
  previousStdout,
  previousVariables,
  trimmed,
} from "../lifecycle.ts";
import { ShownOutput } from "../logging.ts";
import type { Workplace } from "../workplace.ts";
import {
  connectionProperty,
  connectionShape,
  connectionShown,
  dialling,
  targetOf,
  withConnectionDefaults,
} from "./connection.ts";

const inputProperties: Record<string, PropertySpec> = {
  ...lifecycleInputs,
  connection: connectionProperty,
  logging: {
    $ref: "#/types/command:remote:Logging",
    description: "If the command's stdout and stderr should be logged. Defaults to logging both.",
  },
};

const inputsType = z.looseObject({ ...lifecycleShape, connection: connectionShape });

export const remoteCommand: ResourceHandler<Properties, Properties, Workplace> = {
  token: "command:remote:Command",
  schema: {
    description: "A command to run on a remote host. The connection is established via ssh.",
    inputProperties,
    requiredInputs: ["connection"],
    properties: { ...inputProperties, ...lifecycleOutputs },
    required: ["connection", "stdout", "stderr"],
  },
  shown: connectionShown,
  check: (news) => ({
    inputs: { addPreviousOutputInEnv: true, ...withConnectionDefaults(news) },
    faults: faultsBy(inputsType, news),
  }),
  ...lifecycle(runRemote),
};

async function runRemote(
  command: string,
  inputs: Properties,
  previous: Output | undefined,
  context: Context<Workplace>,
): Promise<Output> {
  const { client, log, signal } = context;
  const target = targetOf(inputs);
  const shown = new ShownOutput(log, inputs.logging);
  let output = "";
  const hear = (stream: "stdout" | "stderr") => (text: string) => {
    output += text;
    shown.hear(stream, text);
  };
  const result = await client.connections.use(
    target,
    signal,
    (connection) =>
      connection.exec(command, {
        signal,
        stdin: String(inputs.stdin ?? ""),
        environment: {
          ...(inputs.environment as Record<string, string> | undefined),
          ...previousVariables(inputs, previous, log.warning),
        },
        onRefusedVariable: (name) => refused(name, target, inputs, log.warning),
        onStdout: hear("stdout"),
        onStderr: hear("stderr"),
      }),
    dialling(log, target),
  );
  shown.end();
  if (result.code === 0) return { stdout: trimmed(result.stdout), stderr: trimmed(result.stderr) };
  throw commandFailed({
    command,
    end: endOf(result),
    output,
    place: describeTarget(target),
    next: sshCommandLine(target),
  });
}

/** What the program asked for must arrive; what is only added by itself need not. */
function refused(name: string, target: SshTarget, inputs: Properties, warn: (text: string) => void): void {
  const asked = Object.hasOwn((inputs.environment ?? {}) as object, name);
  if (!asked && (name === previousStdout || name === previousStderr)) {
    warn(
      `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via AcceptEnv. Set addPreviousOutputInEnv to false if the command does not need it.`,
    );
    return;
  }
  throw new Problem({
    what: `could not set environment variable ${JSON.stringify(name)}`,
    object: describeTarget(target),
    because: "the SSH server refuses it: this only works if it is configured to accept it via AcceptEnv",
    next: `add "AcceptEnv ${name}" to the machine's sshd_config, or write the command as '${name}=value command', or send the value by stdin`,
  });
}

function endOf({ code, signal }: ExecResult): string {
  if (code !== undefined) return `Process exited with status ${code}`;
  return `Process exited with signal ${signal ?? "of an unknown name"}`;
}
