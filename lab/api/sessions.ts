/** Log-ins with user name and password, as the server's own user interface does it. They end with the lab's process. */
import { randomBytes } from "node:crypto";
import { isPassword, pathOf, roleNames, roleOf } from "../cloud/accounts.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { fixedId } from "../cloud/fixed-ids.ts";
import type { User } from "../cloud/model.ts";

export interface Session {
  readonly id: string;
  /** Goes with every request, beside the cookie. */
  readonly key: string;
  readonly userId: string;
  /** Milliseconds of the clock. */
  lastUsed: number;
}

export const sessionSeconds = 1800;

export class Sessions {
  readonly #sessions = new Map<string, Session>();

  begin(user: User, now = Date.now()): Session {
    const secret = () => randomBytes(24).toString("base64url");
    const session = { id: secret(), key: secret(), userId: user.id, lastUsed: now };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Only with both of its secrets, and as long as it is used. */
  find(id: string | undefined, key: string | undefined, now = Date.now()): Session | undefined {
    const session = this.#sessions.get(id ?? "");
    if (!session || session.key !== key) return undefined;
    if (now - session.lastUsed > sessionSeconds * 1000) {
      this.#sessions.delete(session.id);
      return undefined;
    }
    session.lastUsed = now;
    return session;
  }

  end({ id }: Session): void {
    this.#sessions.delete(id);
  }
}

/** Who logs in: the domain is a path such as /partners, or an id; without one the root domain is meant. */
export function userLoggingIn(
  cloud: Cloud,
  parameters: ReadonlyMap<string, string>,
  adminPassword: string,
): { user: User | undefined; domainNumber: number } {
  const given = (name: string) => [...parameters].find(([key]) => key.toLowerCase() === name)?.[1];
  const path = `ROOT${given("domain") ?? ""}`.replace(/\/+$/, "");
  const domain = [...cloud.store.all("domains")].find(
    (row) => row.id === given("domainid") || (given("domainid") === undefined && pathOf(cloud, row) === path),
  );
  const user = cloud.store.find(
    "users",
    (row) =>
      row.name === given("username") && cloud.store.get("accounts", row.accountId)?.domainId === domain?.id,
  );
  const password = given("password") ?? "";
  const isRight =
    user &&
    (user.id === cloud.adminUser.id ? password === adminPassword : isPassword(user, password)) &&
    password !== "";
  return { user: isRight ? user : undefined, domainNumber: domain?.number ?? 0 };
}

export function loginView(cloud: Cloud, user: User, session: Session): Record<string, unknown> {
  const account = cloud.store.need("accounts", user.accountId);
  return {
    username: user.name,
    userid: user.id,
    domainid: account.domainId,
    timeout: sessionSeconds,
    account: account.name,
    firstname: user.firstName ?? "Admin",
    lastname: user.lastName ?? "User",
    type: String(roleNames[roleOf(account)].type),
    timezone: "UTC",
    timezoneoffset: "0.0",
    registered: "false",
    sessionkey: session.key,
    is2faenabled: "false",
    is2faverified: "true",
    issuerfor2fa: "CloudStack",
    managementserverid: fixedId(cloud, "management-server"),
  };
}
