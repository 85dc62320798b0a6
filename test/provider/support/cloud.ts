/** A client whose server is a function: lists without a lab behind them. */
import { CloudStack } from "../../../providers/cloudstack/client/client.ts";

/** @param answer the content of the list, by what it was asked for */
export function cloudAnswering(
  answer: (asked: URLSearchParams) => Record<string, unknown> | Promise<Record<string, unknown>>,
): CloudStack {
  return new CloudStack({
    apiUrl: new URL("http://cloud.test/client/api"),
    apiKey: "k",
    secretKey: "s",
    requestTimeoutSeconds: 1,
    jobTimeoutSeconds: 1,
    transport: {
      async send({ form }) {
        const body = JSON.stringify({ listresponse: await answer(new URLSearchParams(form)) });
        return { status: 200, headers: {}, body };
      },
    },
  });
}
