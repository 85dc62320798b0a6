/** Answers as JSON, or as XML, which is what the server speaks when it is not asked for JSON. */
import type { ApiError } from "../cloud/failure.ts";

export const serverVersion = "4.22.0.0";

export interface Rendered {
  contentType: string;
  body: string;
}

export type ResponseType = "json" | "xml";

export function render(type: ResponseType, outerKey: string, content: unknown): Rendered {
  if (type === "json") {
    return {
      contentType: "application/json;charset=utf-8",
      body: JSON.stringify({ [outerKey]: content }),
    };
  }
  const version = `cloud-stack-version="${serverVersion}"`;
  return {
    contentType: "text/xml;charset=utf-8",
    body: `<?xml version="1.0" encoding="UTF-8"?><${outerKey} ${version}>${xmlChildren(content)}</${outerKey}>`,
  };
}

export function errorContent(error: ApiError): Record<string, unknown> {
  return {
    uuidList: error.concerned,
    errorcode: error.errorCode,
    ...(error.exceptionCode === undefined ? {} : { cserrorcode: error.exceptionCode }),
    errortext: error.message,
  };
}

function xmlChildren(content: unknown): string {
  if (Array.isArray(content)) return content.map(xmlChildren).join("");
  if (content === null || typeof content !== "object") return escapeXml(String(content ?? ""));
  return Object.entries(content)
    .map(([key, value]) => xmlElement(key.replace(/[^\w.:-]/g, "_"), value))
    .join("");
}

/** A list is its element again and again; an empty one is nothing at all. */
function xmlElement(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => xmlElement(name, item)).join("");
  return `<${name}>${xmlChildren(value)}</${name}>`;
}

/** What XML has no place for, not even escaped, would make the whole answer unreadable. */
const foreign = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escapeXml(text: string): string {
  return text.replace(foreign, "\u{FFFD}").replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
