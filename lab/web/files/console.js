/** A terminal in the page, connected to the machine's tty1. The link's token opens it once. */
import { Terminal } from "./xterm.js";

const columns = 80;
const rows = 25;
const screen = document.getElementById("screen");
const state = document.getElementById("state");

const terminal = new Terminal({
  cols: columns,
  rows,
  cursorBlink: true,
  fontFamily: 'ui-monospace, "Cascadia Mono", "Liberation Mono", Menlo, monospace',
  scrollback: 2000,
  theme: { background: "#0b0e13", foreground: "#dfe5ec", cursor: "#82a8ff", selectionBackground: "#2c3e66" },
});
// What tty1 showed is shown again to whoever comes later: a terminal that answered its old questions would type.
for (const id of [{ final: "c" }, { prefix: ">", final: "c" }, { final: "n" }, { prefix: "?", final: "n" }]) {
  terminal.parser.registerCsiHandler(id, () => true);
}
terminal.open(screen);

/** tty1 has a fixed size, so the letters take the size at which all of it fits. */
function takeSize() {
  const wide = screen.clientWidth / (columns * 0.605);
  const high = screen.clientHeight / (rows * 1.2);
  terminal.options.fontSize = Math.max(5, Math.min(22, Math.floor(Math.min(wide, high) * 2) / 2));
}
takeSize();
new ResizeObserver(takeSize).observe(screen);

function tell(text, kind) {
  state.textContent = text;
  state.className = `pill ${kind}`;
}

const token = new URLSearchParams(location.search).get("token");
const socket = new WebSocket(`ws://${location.host}/websockify?token=${encodeURIComponent(token)}`);
socket.binaryType = "arraybuffer";
const encoder = new TextEncoder();
const longest = 4096;

function type(keys) {
  const bytes = encoder.encode(keys);
  for (let start = 0; start < bytes.length; start += longest) {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes.subarray(start, start + longest));
  }
}

socket.onopen = () => {
  tell("connected", "good");
  terminal.focus();
};
socket.onmessage = ({ data }) => terminal.write(new Uint8Array(data));
socket.onclose = ({ code, reason }) => {
  tell(code === 1006 ? "the lab closed the console" : reason || "closed", "bad");
  terminal.options.cursorBlink = false;
  terminal.options.disableStdin = true;
};
terminal.onData(type);

/** For screens without a keyboard that has them. */
const keys = {
  Esc: "\x1b",
  Tab: "\t",
  "↑": "\x1b[A",
  "↓": "\x1b[B",
  "←": "\x1b[D",
  "→": "\x1b[C",
  Enter: "\r",
  "Ctrl-C": "\x03",
};
for (const [label, sent] of Object.entries(keys)) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => {
    type(sent);
    terminal.focus();
  });
  document.getElementById("keys").append(button);
}
