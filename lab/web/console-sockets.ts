/** Web sockets between browsers and machines' tty1: bytes both ways, keys up and screen down. */
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Cloud } from "../cloud/cloud.ts";

/** One message of keys; a pasted text is longer, and the page cuts it. */
const largestMessage = 64 * 1024;
/** Screen output that a slow browser has not taken yet; the machine's console waits meanwhile. */
const mostWaiting = 1024 * 1024;

/** Why a console ended, as codes that the page knows. The reasons are for people. */
const ends = {
  noConsole: [4000, "this machine has no console"],
  machineOff: [4001, "the machine went off"],
} as const;

export class ConsoleSockets {
  readonly #cloud: Cloud;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
  });

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  open(request: IncomingMessage, socket: Duplex, head: Buffer, instanceId: string): void {
    this.#server.handleUpgrade(request, socket, head, (browser) => this.#connect(browser, instanceId));
  }

  close(): void {
    for (const browser of this.#server.clients) browser.terminate();
  }

  #connect(browser: WebSocket, instanceId: string): void {
    const console = connect(this.#cloud.driver.consoleSocket(instanceId));
    let shown = false;
    console.on("connect", () => {
      shown = true;
    });
    console.on("data", (screen: Buffer) => {
      browser.send(screen, () => {
        if (browser.bufferedAmount <= mostWaiting) console.resume();
      });
      if (browser.bufferedAmount > mostWaiting) console.pause();
    });
    console.on("error", (error) => this.#cloud.log(`console of ${instanceId}: ${error.message}`));
    console.on("close", () => {
      const [code, reason] = shown ? ends.machineOff : ends.noConsole;
      browser.close(code, reason);
    });
    browser.on("message", (keys: Buffer) => console.write(keys));
    browser.on("error", (error) => this.#cloud.log(`console of ${instanceId}: ${error.message}`));
    browser.on("close", () => console.destroy());
  }
}
