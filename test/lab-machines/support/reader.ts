/** Somebody at a machine's tty1. */
import { connect } from "node:net";

export class Reader {
  #text = "";
  readonly #socket;
  constructor(path: string) {
    this.#socket = connect(path).setEncoding("utf8");
    this.#socket.on("data", (text: unknown) => {
      this.#text += String(text);
    });
  }
  /** Resolves when the words have been shown, now or before. */
  async until(words: string): Promise<void> {
    while (!this.#text.includes(words)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  type(keys: string): void {
    this.#socket.write(keys);
  }
  end(): void {
    this.#socket.destroy();
  }
}
