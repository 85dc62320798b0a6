/** A door in front of a cloud: sees every request, and answers in the cloud's place or changes what it says. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exchange, type Json, type Target } from "../../lab/support/client.ts";

export interface Trap {
  /** In the cloud's place. */
  answer?(asked: URLSearchParams): object | undefined;
  /** In the cloud's place, with one of its codes. */
  refuse?(asked: URLSearchParams): number | undefined;
  change?(asked: URLSearchParams, answer: Json): void;
  /** Instead of a good answer that has come; @returns whether it has answered. */
  spoil?(asked: URLSearchParams, response: ServerResponse): boolean;
}

const json = { "Content-Type": "application/json" };

export interface Asked {
  method: string;
  parameters: URLSearchParams;
}

export class Door {
  readonly asked: Asked[] = [];
  trap: Trap = {};
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(target: Target): Promise<Door> {
    const server = createServer(async (request, response) => {
      let form = new URL(request.url ?? "", "http://door").search.slice(1);
      for await (const piece of request) form += piece;
      const parameters = new URLSearchParams(form);
      door.asked.push({ method: request.method ?? "", parameters });
      const own = door.trap.answer?.(parameters);
      if (own) return response.writeHead(200).end(JSON.stringify(own));
      const code = door.trap.refuse?.(parameters);
      if (code !== undefined) {
        const refusal = { errorcode: code, errortext: "the door refuses" };
        return response.writeHead(code).end(JSON.stringify({ refusedresponse: refusal }));
      }
      const passed = await exchange(target.url, "POST", form).catch(() => undefined);
      // A connection that breaks behind the door breaks before it.
      if (!passed) return request.socket.destroy();
      const answer = passed.body as Json;
      if (passed.status === 200 && door.trap.spoil?.(parameters, response)) return undefined;
      door.trap.change?.(parameters, answer);
      return response.writeHead(passed.status, json).end(JSON.stringify(answer));
    });
    const door = new Door(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return door;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/api`;
  }

  get commands(): (string | null)[] {
    return this.asked.map(({ parameters }) => parameters.get("command"));
  }

  count(command: string): number {
    return this.commands.filter((each) => each === command).length;
  }

  /** Neither remembers nor changes anything. */
  reset(): void {
    this.asked.length = 0;
    this.trap = {};
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
