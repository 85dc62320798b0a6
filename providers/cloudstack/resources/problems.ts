/** Faults of the cloud as messages for people. */
import { Problem } from "../../../common/problem.ts";
import type { CloudStack } from "../client/client.ts";
import { CloudFault, type FaultKind } from "../client/faults.ts";
import { JobTimeout } from "../client/jobs.ts";

/** What was being done, and to which object. */
export interface Attempt {
  what: string;
  object: string;
  /** Instead of the general advice for this kind of fault. */
  next?: Partial<Record<FaultKind, string>>;
}

/** Runs `work`; a fault of the cloud in it becomes a Problem of this attempt. */
export async function attempt<T>(cloud: CloudStack, about: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(cloud, about, error);
  }
}

export function problemOf(cloud: CloudStack, about: Attempt, thrown: unknown): unknown {
  const error = stopped(thrown);
  if (error instanceof JobTimeout) {
    return new Problem({
      what: about.what,
      object: about.object,
      because: `${error.message}; it goes on in the cloud`,
      next: "pulumi up (it takes up the work where it is), with a longer customTimeouts or jobTimeoutSeconds",
      cause: error,
    });
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new Problem({
      what: about.what,
      object: about.object,
      because: error.message,
      next: "pulumi up (it takes up the work where it is), with a longer customTimeouts",
      cause: error,
    });
  }
  if (!(error instanceof CloudFault)) return error;
  return new Problem({
    what: about.what,
    object: about.object,
    because: `${error.command} at ${cloud.endpoint} said: ${error.text}${error.code ? ` (${error.code})` : ""}`,
    next: about.next?.[error.kind] ?? adviceFor(error.kind, cloud),
    cause: error,
  });
}

/** Node.js's timers say only that they were aborted; why, is the cause. */
function stopped(error: unknown): unknown {
  const byTimer =
    error instanceof Error && error.name === "AbortError" && error.cause instanceof DOMException;
  return byTimer ? error.cause : error;
}

/** @param about an attempt at removing it */
export function protectedObject(about: Attempt, urn: string): Problem {
  return new Problem({
    what: about.what,
    object: about.object,
    because: "it has delete protection",
    next: `set deleteProtection to false for ${urn.split("::").at(-1)}, pulumi up, then remove it`,
  });
}

function adviceFor(kind: FaultKind, cloud: CloudStack): string {
  switch (kind) {
    case "unreachable":
      return `check that ${cloud.settings.apiUrl.href} is right and the endpoint is up: curl -sv ${cloud.settings.apiUrl.href}`;
    case "certificate":
      return `set cloudstack:caFile (or CLOUDSTACK_CA_FILE) to the PEM file of the authority that vouches for ${cloud.endpoint}, and look at this computer's clock: openssl s_client -connect ${hostAndPort(cloud.settings.apiUrl)}`;
    case "foreign":
      return "set apiUrl to the API itself; it usually ends in /client/api";
    case "keys":
      return "check CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY (or the stack's cloudstack:apiKey and secretKey)";
    case "clock":
      return "set this computer's clock (timedatectl), then run it again";
    case "command":
      return "use a CloudStack of version 4.18 or newer, or another key whose role has the command";
    case "rate":
      return "set cloudstack:requestsPerSecond to what the cloud lets this key ask (cmk list capabilities: apilimitmax in apilimitinterval seconds), then run it again";
    case "invalid":
      return "check the inputs that the message names; ids may belong to another zone or account";
    case "permission":
      return "use a key whose role allows it, or ask the operator of the cloud";
    case "limit":
      return "remove what is not needed any more, or ask the operator of the cloud for a higher limit";
    case "capacity":
      return "try again later (with cloudstack:capacityRetrySeconds it does so by itself), or with a smaller service offering or in another zone";
    case "unavailable":
      return "wait until the cloud is back, then run it again";
    case "conflict":
      return "remove the object that is in the way, then run it again";
    case "internal":
      return "the cloud does not say more to this key; its operator finds the cause in the management server's log";
  }
}

function hostAndPort({ hostname, port }: URL): string {
  return `${hostname}:${port || "443"}`;
}
