/** What can go wrong with a call, told apart by the server's codes and never by its words. */

export type FaultKind =
  /** The endpoint cannot be reached, or broke off. */
  | "unreachable"
  /** Nobody that is trusted vouches for the server's certificate, or its time is not now. */
  | "certificate"
  /** What answers is not a CloudStack API. */
  | "foreign"
  | "keys"
  /** This computer's clock and the server's differ too much for a signature to hold. */
  | "clock"
  /** The server has no such command. */
  | "command"
  | "rate"
  /** A parameter is wrong, or the object that it names does not exist. */
  | "invalid"
  | "permission"
  | "limit"
  | "capacity"
  | "unavailable"
  | "conflict"
  /** The server's general error; it may hide any cause from a normal user. */
  | "internal";

export class CloudFault extends Error {
  readonly kind: FaultKind;
  readonly command: string;
  /** CloudStack's error code; 0 when there was no answer. */
  readonly code: number;
  /** The server's own words, or those of the network. */
  readonly text: string;

  constructor(parts: { kind: FaultKind; command: string; code: number; text: string; cause?: unknown }) {
    super(`${parts.command}: ${parts.text}${parts.code ? ` (${parts.code})` : ""}`, { cause: parts.cause });
    this.name = "CloudFault";
    this.kind = parts.kind;
    this.command = parts.command;
    this.code = parts.code;
    this.text = parts.text;
  }
}

export function isFault(error: unknown, ...kinds: readonly FaultKind[]): error is CloudFault {
  return error instanceof CloudFault && (kinds.length === 0 || kinds.includes(error.kind));
}

export function kindOfCode(code: number): FaultKind {
  switch (code) {
    case 401:
    case 511:
      return "keys";
    case 429:
      return "rate";
    case 430:
    case 431:
    case 400:
    case 414:
      return "invalid";
    case 432:
    case 531:
      return "permission";
    case 503:
    case 534:
      return "unavailable";
    case 532:
    case 535:
      return "limit";
    case 533:
      return "capacity";
    case 536:
    case 537:
      return "conflict";
    default:
      return "internal";
  }
}
