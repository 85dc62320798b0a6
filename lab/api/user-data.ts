/** User data as instances take it: base64, as long as the method and the server's setting allow. */
import { invalidValue } from "../cloud/failure.ts";

const longestInGet = 4096;
/** vm.userdata.max.length, in base64 characters. */
const longest = 32768;

/** Standard alphabet with padding, whatever it came in. */
export function readUserData(given: string, method: "GET" | "POST"): string {
  // The server decodes an escape that is left over once more.
  const value = given.includes("%") ? unescaped(given) : given;
  if (!/^[A-Za-z0-9+/_\-\s]*={0,2}\s*$/.test(value)) throw invalidValue("User data is not base64 encoded.");
  if (method === "GET" && value.length >= longestInGet) {
    throw invalidValue("User data is too long for http GET request");
  }
  if (value.length > longest)
    throw invalidValue(`User data has exceeded configurable max length: ${longest}`);
  return Buffer.from(value, "base64").toString("base64");
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalidValue("User data is not base64 encoded.");
  }
}
