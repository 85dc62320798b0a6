/** login and logout: the two commands that are answered before anybody is known. */
import type { Cloud } from "../cloud/cloud.ts";
import { type EventKind, recordEvent } from "../cloud/events.ts";
import { ApiError, notAuthorised } from "../cloud/failure.ts";
import type { User } from "../cloud/model.ts";
import type { Access, ApiAnswer, ApiRequest } from "./dispatch.ts";
import { errorContent, type ResponseType, render } from "./render.ts";
import { loginView, userLoggingIn } from "./sessions.ts";

/** What the event log tells of sessions. */
export const sessionEvents = {
  logIn: { type: "USER.LOGIN", doing: "user has logged in from IP Address 127.0.0.1" },
  logOut: { type: "USER.LOGOUT", doing: "user has logged out" },
} as const satisfies Record<string, EventKind>;

function tell({ store }: Cloud, { type, doing: description }: EventKind, { id, accountId }: User): void {
  store.transaction(() =>
    recordEvent(store, { type, level: "INFO", state: "Completed", description, accountId, userId: id }),
  );
}

export function logIn(request: ApiRequest, type: ResponseType, cloud: Cloud, access: Access): ApiAnswer {
  if (request.method !== "POST") {
    const body = "Please use HTTP POST to authenticate using this API";
    return { status: 405, contentType: "application/json;charset=utf-8", body };
  }
  const { user, domainNumber } = userLoggingIn(cloud, request.parameters, access.password);
  if (!user) {
    const name = request.parameters.get("username") ?? "";
    const refusal = new ApiError(
      531,
      `Failed to authenticate user ${name} in domain ${domainNumber}; please provide valid credentials`,
    );
    return { status: 531, ...render(type, "loginresponse", errorContent(refusal)) };
  }
  const session = access.sessions.begin(user);
  tell(cloud, sessionEvents.logIn, user);
  return {
    status: 200,
    ...render(type, "loginresponse", loginView(cloud, user, session)),
    cookies: [
      `JSESSIONID=${session.id};Path=/client;HttpOnly`,
      `sessionkey=${session.key};HttpOnly;SameSite=Lax;Path=/client`,
    ],
  };
}

export function logOut(request: ApiRequest, type: ResponseType, cloud: Cloud, access: Access): ApiAnswer {
  if (!request.session) {
    const refusal = notAuthorised();
    return { status: 401, ...render(type, "logoutresponse", errorContent(refusal)) };
  }
  access.sessions.end(request.session);
  const user = cloud.store.get("users", request.session.userId);
  if (user) tell(cloud, sessionEvents.logOut, user);
  return { status: 200, ...render(type, "logoutresponse", { description: "success" }) };
}
