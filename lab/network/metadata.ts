/**
 * What a CloudStack virtual router answers to its guests: metadata and user data on port 80, the one-time password on
 * port 8080, to each guest its own, told by its address. A program of its own, since it runs in the router's namespace.
 *
 * usage: node metadata.ts GATEWAY FOLDER   # FOLDER holds one JSON file a guest, named by its address
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { urlOf } from "../request-url.ts";
import type { GuestRecord } from "./network.ts";

const [gateway = "", folder = ""] = process.argv.slice(2);

/** Names below /latest/meta-data/, in the order in which they are listed. */
const values: Readonly<Record<string, (guest: GuestRecord) => string | undefined>> = {
  "availability-zone": (guest) => guest.zone,
  "instance-id": (guest) => guest.instanceId,
  "local-hostname": (guest) => guest.name,
  "local-ipv4": (guest) => guest.ipAddress,
  "public-hostname": (guest) => guest.publicAddress ?? guest.ipAddress,
  "public-ipv4": (guest) => guest.publicAddress ?? gateway,
  "public-keys": (guest) => guest.publicKeys,
  "service-offering": (guest) => guest.serviceOffering,
  "vm-id": (guest) => guest.instanceId,
};

function guestOf(request: IncomingMessage): GuestRecord | undefined {
  try {
    const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    return JSON.parse(readFileSync(join(folder, `${address}.json`), "utf8")) as GuestRecord;
  } catch {
    return undefined;
  }
}

function metadata(request: IncomingMessage, response: ServerResponse): void {
  const guest = guestOf(request);
  const body = guest && bodyOf(guest, urlOf(request)?.pathname ?? "");
  if (body === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": "text/plain" }).end(body);
}

function bodyOf(guest: GuestRecord, path: string): string | Buffer | undefined {
  const asked = path.replace(/^\/latest\/?/, "").replace(/\/$/, "");
  if (asked === "user-data")
    return guest.userData === undefined ? undefined : Buffer.from(guest.userData, "base64");
  if (asked === "meta-data") return `${Object.keys(values).join("\n")}\n`;
  const name = /^(?:meta-data\/)?([a-z0-9-]+)$/.exec(asked)?.[1] ?? "";
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  // cloud-init takes a value with a line end for a list of values.
  return value && (value(guest) ?? "");
}

function password(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers.domu_request ?? request.headers["domu-request"];
  const guest = guestOf(request);
  const answer = asked === "send_my_password" ? (guest?.password ?? "saved_password") : "saved_password";
  response.writeHead(200, { "content-type": "text/plain" }).end(answer);
}

createServer(metadata).listen(80, gateway);
createServer(password).listen(8080, gateway);
