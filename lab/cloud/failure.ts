import { wordsOf } from "../errors.ts";

/**
 * A refusal in the API's own words. `errorCode` is the HTTP status as well; `exceptionCode` is the number of the
 * server's exception class (cserrorcode), absent where the servlet itself refuses.
 */
export class ApiError extends Error {
  readonly errorCode: number;
  readonly exceptionCode: number | undefined;
  readonly concerned: readonly { uuid: string; description: string }[];

  constructor(
    errorCode: number,
    text: string,
    exceptionCode?: number,
    concerned: readonly { uuid: string; description: string }[] = [],
  ) {
    super(text);
    this.name = "ApiError";
    this.errorCode = errorCode;
    this.exceptionCode = exceptionCode;
    this.concerned = concerned;
  }
}

/** ServerApiException with code 431: a parameter that does not parse. */
export const parameterFault = (text: string): ApiError => new ApiError(431, text, 9999);

/** InvalidParameterValueException. */
export const invalidValue = (text: string, concerned?: { uuid: string; description: string }[]): ApiError =>
  new ApiError(431, text, 4350, concerned);

/** CloudRuntimeException: many plain state errors are one. */
export const runtimeFault = (text: string): ApiError => new ApiError(530, text, 4250);

export const permissionDenied = (text: string): ApiError => new ApiError(531, text, 4365);

/** The servlet refuses before it knows the caller, always in these words. */
export const notAuthorised = (): ApiError =>
  new ApiError(401, "unable to verify user credentials and/or request signature");

/** listApis names a command that is none. */
export const noSuchCommand = (): ApiError =>
  new ApiError(530, "Api Discovery plugin was unable to find an api by that name or process any apis", 9999);

/** A removed row passes the parameter check and fails at the owner check. */
export const removedRow = (number: number, type: string): ApiError =>
  invalidValue(`Unable to find UUID for id [${number}] of type [${type}]`);

/** Whether something failed for want of room on the host's disk: by a call's code or a program's words. */
export function isDiskFull(error: unknown): boolean {
  // What the API says is said in its own words already.
  if (!(error instanceof Error) || error instanceof ApiError) return false;
  return (
    (error as NodeJS.ErrnoException).code === "ENOSPC" || error.message.includes("No space left on device")
  );
}

export const diskFullText = "The lab's disk is full: make room on it, then ask again";

/** What a person is told of a failure that is none of the API's own. */
export function failureWords(error: unknown): string {
  return isDiskFull(error) ? diskFullText : wordsOf(error);
}
