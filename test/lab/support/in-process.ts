/** A lab inside the test's own process: no sockets, no machines. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiAnswer, dispatch } from "../../../lab/api/dispatch.ts";
import { signatureOf } from "../../../lab/api/signature.ts";
import { openHome } from "../../../lab/home.ts";
import { Lab } from "../../../lab/lab.ts";

export interface InProcess {
  lab: Lab;
  /** Everything that the lab logged. */
  logged: string[];
  /** Signs and dispatches; the answer as it would go over the wire. */
  send(
    fields: Readonly<Record<string, string>>,
    options?: { method?: "GET" | "POST"; signed?: boolean },
  ): Promise<ApiAnswer>;
  end(): Promise<void>;
}

export async function openInProcess(): Promise<InProcess> {
  const folder = mkdtempSync(join(tmpdir(), "lab-in-process-"));
  const logged: string[] = [];
  const log = (line: string) => {
    logged.push(line);
  };
  const lab = await Lab.open({ home: openHome(folder), driver: "none", log, progress: log });
  await lab.start();
  return {
    lab,
    logged,
    async send(fields, { method = "GET", signed = true } = {}) {
      const parameters = new Map(Object.entries({ response: "json", apiKey: lab.keys.apiKey, ...fields }));
      if (signed) parameters.set("signature", signatureOf([...parameters], lab.keys.secretKey));
      const answer = await dispatch({ method, parameters }, lab.cloud, lab.access);
      if (!answer) throw new Error("the lab broke the connection");
      return answer;
    },
    async end() {
      await lab.down(log);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
