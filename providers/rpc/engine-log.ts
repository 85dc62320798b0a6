/** Messages to the person at the terminal, by way of the engine. */
import { credentials } from "@grpc/grpc-js";
import { channelOptions } from "./channel.ts";
import type { Log } from "./context.ts";

type Severity = "debug" | "info" | "warning" | "error";

export interface EngineLog {
  /** @param secrets texts that are blotted out of every message */
  forUrn(urn: string, secrets: readonly string[]): Log;
  /** Resolves when everything said so far has arrived. */
  settled(): Promise<void>;
}

/** Without an engine (a test, a debugger) messages go to stderr. */
export function engineLog(address: string | undefined): EngineLog {
  const send = address === undefined ? toStderr : toEngine(address);
  let last: Promise<unknown> = Promise.resolve();
  const say = (severity: Severity, urn: string, text: string, ephemeral: boolean) => {
    last = Promise.all([last, send(severity, urn, text, ephemeral)]);
  };
  return {
    forUrn(urn, secrets) {
      const clean = (text: string) => redact(text, secrets);
      return {
        debug: (text) => say("debug", urn, clean(text), false),
        info: (text) => say("info", urn, clean(text), false),
        warning: (text) => say("warning", urn, clean(text), false),
        error: (text) => say("error", urn, clean(text), false),
        status: (text) => say("info", urn, clean(text), true),
      };
    },
    async settled() {
      await last;
      last = Promise.resolve();
    },
  };
}

type Send = (severity: Severity, urn: string, text: string, ephemeral: boolean) => Promise<void>;

function toEngine(address: string): Send {
  const connected = connect(address);
  return async (severity, urn, text, ephemeral) => {
    const { client, messages } = await connected();
    const request = new messages.LogRequest();
    const severities = messages.LogSeverity;
    const levels = {
      debug: severities.DEBUG,
      info: severities.INFO,
      warning: severities.WARNING,
      error: severities.ERROR,
    };
    request.setSeverity(levels[severity]);
    request.setUrn(urn);
    request.setMessage(text);
    request.setEphemeral(ephemeral);
    // A message that the engine does not take any more has nobody to read it.
    await new Promise<void>((resolve) => client.log(request, () => resolve()));
  };
}

/** Most updates say nothing, so the connection waits for the first message. */
function connect(address: string) {
  const open = async () => {
    const [{ EngineClient }, { default: messages }] = await Promise.all([
      import("@pulumi/pulumi/proto/engine_grpc_pb.js"),
      import("@pulumi/pulumi/proto/engine_pb.js"),
    ]);
    return { client: new EngineClient(address, credentials.createInsecure(), channelOptions), messages };
  };
  let opened: ReturnType<typeof open> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

const toStderr: Send = async (severity, _urn, text) => {
  if (severity !== "debug") process.stderr.write(`${severity}: ${text}\n`);
};

const shortestSecret = 4;

export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}
