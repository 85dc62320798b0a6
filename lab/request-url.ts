/** What a request asks for. Anybody can send a target that is no URL (`///%2f`), and no process may end by it. */
import type { IncomingMessage } from "node:http";

/** @returns undefined for what is no URL */
export function urlOf(request: IncomingMessage): URL | undefined {
  return URL.parse(request.url ?? "/", "http://lab") ?? undefined;
}
