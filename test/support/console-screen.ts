/** A machine's first console as a person sees it: what stands on the screen, keys, and a picture of it. */
import { connect, type Socket } from "node:net";
import headless from "@xterm/headless";
import { picture, startBrowser } from "./browser.ts";

const rows = 24;
const columns = 80;
const patienceMilliseconds = 120_000;
/** The first eight colours of a terminal, dark enough to be read on black. */
const palette = ["#000000", "#ff5f5f", "#5fd75f", "#d7af5f", "#5f87ff", "#d787d7", "#5fd7d7", "#d0d0d0"];

export class ConsoleScreen {
  readonly #terminal = new headless.Terminal({ rows, cols: columns, allowProposedApi: true });
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) =>
      this.#terminal.write(bytes, () => {
        for (const look of this.#waiting) look();
      }),
    );
  }

  /** @param path UNIX socket of the machine's console */
  static open(path: string): Promise<ConsoleScreen> {
    const socket = connect(path);
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(new ConsoleScreen(socket)));
      socket.once("error", reject);
    });
  }

  type(keys: string): void {
    this.#socket.write(keys);
  }

  /** Every line without the blanks at its end. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
  }

  get text(): string {
    return this.lines.join("\n");
  }

  /** Resolves with the screen once it shows what is looked for; rejects with what it showed instead. */
  shows(wanted: string | RegExp): Promise<string> {
    const seen = () => (typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text));
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = () => {
        if (seen()) end(() => resolve(this.text));
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`the console never showed ${wanted}; it shows:\n${this.text}`))),
        patienceMilliseconds,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** Keeps a picture of the screen among the test artifacts. */
  async picture(name: string): Promise<void> {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 760, height: 480 } });
      await page.setContent(this.#html());
      await page.locator("pre").screenshot({ path: picture(name) });
    } finally {
      await browser.close();
    }
  }

  #html(): string {
    const { active } = this.#terminal.buffer;
    const line = (row: number) => {
      const cells = active.getLine(active.baseY + row);
      return Array.from({ length: columns }, (_, column) => {
        const cell = cells?.getCell(column);
        const letter = escaped(cell?.getChars() || " ");
        const colour = cell?.isFgPalette() ? palette[cell.getFgColor() % palette.length] : undefined;
        const style = [colour && `color:${colour}`, cell?.isBold() && "font-weight:bold"]
          .filter(Boolean)
          .join(";");
        return style ? `<span style="${style}">${letter}</span>` : letter;
      }).join("");
    };
    const text = Array.from({ length: rows }, (_, row) => line(row)).join("\n");
    return `<pre style="display:inline-block;margin:0;padding:12px;background:#000;color:#d0d0d0;font:14px/18px monospace">${text}</pre>`;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
