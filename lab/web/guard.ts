/**
 * Who may use the pages. The endpoint is on loopback, but so is every web site's script in a browser on this machine:
 * it may send requests here, and under a name of its own that leads to 127.0.0.1 even read the answers. So a request
 * must mean this host by its own name, come from no other site, and hold the token of this run.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Whether the request was meant for this port of loopback, and by no other site's page. */
export function isLocal(headers: IncomingHttpHeaders, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = "", origin } = headers;
  if (!hosts.includes(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

/** Takes as long for a wrong one as for the right one. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Nothing of another origin, no frame, no trace of the URL elsewhere. */
export const pageHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

/** The terminal makes its style sheet itself. */
export const consoleHeaders = {
  ...pageHeaders,
  "Content-Security-Policy": pageHeaders["Content-Security-Policy"].replace(
    "style-src 'self'",
    "style-src 'self' 'unsafe-inline'",
  ),
} as const;
