/** Errors as the engine understands them. */
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { Problem, Problems } from "../../common/problem.ts";
import { redact } from "./engine-log.ts";

export class UnknownToken extends Error {}

/** What a call ended with, ready to be sent. */
export class CallFailure extends Error {
  readonly code: status;
  readonly metadata: Metadata;

  constructor(code: status, text: string, metadata = new Metadata()) {
    super(text);
    this.code = code;
    this.metadata = metadata;
  }
}

/**
 * A Problem is for people and comes without a stack. Anything else is a bug and keeps it. After an unknown error the
 * engine assumes nothing about the object; after a Problem it takes the object to be as it was.
 */
export function callFailure(error: unknown, secrets: readonly string[] = []): CallFailure {
  return error instanceof CallFailure
    ? error
    : new CallFailure(codeOf(error), redact(textOf(error), secrets));
}

/** The object exists but is not finished: the engine records it together with the reason. */
export async function initFailed(
  { message }: CallFailure,
  id: string,
  properties: Struct,
): Promise<CallFailure> {
  const [{ default: details }, { default: statuses }] = await Promise.all([
    import("@pulumi/pulumi/proto/provider_pb.js"),
    import("@pulumi/pulumi/proto/status_pb.js"),
  ]);
  const detail = new details.ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(properties);
  detail.setReasonsList([message]);
  const packed = new anys.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new statuses.Status();
  whole.setCode(status.UNKNOWN);
  whole.setMessage(message);
  whole.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return new CallFailure(status.UNKNOWN, message, metadata);
}

export function serviceError({ code, message, metadata }: CallFailure): Partial<ServiceError> {
  return { code, details: message, metadata };
}

function codeOf(error: unknown): status {
  if (error instanceof Problem || error instanceof Problems) return status.FAILED_PRECONDITION;
  if (error instanceof UnknownToken) return status.UNIMPLEMENTED;
  if (isAbort(error)) return status.CANCELLED;
  return status.UNKNOWN;
}

function textOf(error: unknown): string {
  const forPeople = error instanceof Problem || error instanceof Problems || error instanceof UnknownToken;
  if (forPeople || isAbort(error)) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}

function isAbort(error: unknown): error is Error {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
