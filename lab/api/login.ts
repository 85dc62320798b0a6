/** login and logout: the two commands that are answered before anybody is known. */
import type { Cloud } from "../cloud/cloud.ts";
import { ApiError, notAuthorised } from "../cloud/failure.ts";
import type { Access, ApiAnswer, ApiRequest } from "./dispatch.ts";
import { errorContent, type ResponseType, render } from "./render.ts";
import { loginView, userLoggingIn } from "./sessions.ts";

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
  return {
    status: 200,
    ...render(type, "loginresponse", loginView(cloud, user, session)),
    cookies: [
      `JSESSIONID=${session.id};Path=/client;HttpOnly`,
      `sessionkey=${session.key};HttpOnly;SameSite=Lax;Path=/client`,
    ],
  };
}

export function logOut(request: ApiRequest, type: ResponseType, access: Access): ApiAnswer {
  if (!request.session) {
    const refusal = notAuthorised();
    return { status: 401, ...render(type, "logoutresponse", errorContent(refusal)) };
  }
  access.sessions.end(request.session);
  return { status: 200, ...render(type, "logoutresponse", { description: "success" }) };
}
