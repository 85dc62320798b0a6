/** A terminal's screen as pieces of text with their colours, from what a program sent to it. */
import xterm from "@xterm/headless";

export const columns = 80;
export const rows = 24;

export interface ScreenPiece {
  text: string;
  /** "#rrggbb"; absent where it is the terminal's own. */
  color?: string;
  background?: string;
  bold?: boolean;
}

export type ScreenLine = readonly ScreenPiece[];

/** The sixteen of the Linux console. */
const palette = [
  "#000000",
  "#aa0000",
  "#00aa00",
  "#aa5500",
  "#3b5bdb",
  "#aa00aa",
  "#00aaaa",
  "#aaaaaa",
  "#555555",
  "#ff5555",
  "#55ff55",
  "#ffff55",
  "#7c8cff",
  "#ff55ff",
  "#55ffff",
  "#ffffff",
];

/** @param sent bytes in base64 */
export async function screenOf(sent: string): Promise<ScreenLine[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(Buffer.from(sent, "base64"), done));
  const { active } = terminal.buffer;
  const lines: ScreenLine[] = [];
  for (let row = 0; row < rows; row += 1) {
    const line = active.getLine(active.baseY + row);
    const pieces: ScreenPiece[] = [];
    for (let column = 0; column < columns; column += 1) {
      const cell = line?.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      const look = lookOf(cell);
      const text = cell.getChars() || " ";
      const last = pieces.at(-1);
      if (last && sameLook(last, look)) last.text += text;
      else pieces.push({ text, ...look });
    }
    lines.push(pieces);
  }
  terminal.dispose();
  return lines;
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<xterm.IBuffer["getLine"]>>["getCell"]>>;
type Look = Omit<ScreenPiece, "text">;

function lookOf(cell: Cell): Look {
  const bold = cell.isBold() !== 0;
  const front = cell.isFgDefault() ? undefined : colorOf(cell.getFgColor(), cell.isFgRGB(), bold);
  const back = cell.isBgDefault() ? undefined : colorOf(cell.getBgColor(), cell.isBgRGB(), false);
  const inverse = cell.isInverse() !== 0;
  const color = inverse ? (back ?? "#101418") : front;
  const background = inverse ? (front ?? "#d6dbe1") : back;
  return { ...(color && { color }), ...(background && { background }), ...(bold && { bold }) };
}

function colorOf(value: number, isRgb: boolean, bold: boolean): string {
  if (isRgb) return `#${value.toString(16).padStart(6, "0")}`;
  // The console shows bold colours as bright ones.
  if (value < 16) return palette[bold && value < 8 ? value + 8 : value] ?? "#d6dbe1";
  if (value >= 232) return `#${(8 + (value - 232) * 10).toString(16).padStart(2, "0").repeat(3)}`;
  const cube = value - 16;
  const part = (level: number) => (level === 0 ? 0 : 55 + level * 40).toString(16).padStart(2, "0");
  return `#${part(Math.floor(cube / 36))}${part(Math.floor(cube / 6) % 6)}${part(cube % 6)}`;
}

function sameLook(one: Look, other: Look): boolean {
  return one.color === other.color && one.background === other.background && one.bold === other.bold;
}
