/** The setup wizard. */
import { wizard } from "../layout.ts";
import type { Rule } from "../rule.ts";

/** A line that gives whoever sits at the console a shell. */
const shell =
  /^\s*(?:exec\s+)?(?:sudo\s+(?:-i|-s|su)\b.*|su\s+-.*|(?:\/usr)?(?:\/bin\/)?(?:ba|da|z)?sh(?:\s+(?:-[a-z]+|--login))*)\s*$/gmu;

export const scriptRules: readonly Rule[] = [
  {
    id: "scripts/syntax",
    title: "bash can read the wizard",
    severity: "error",
    why: "a loop that is not closed ends the wizard before it shows anything",
    fix: "bash -n scripts/oma-setup-wizard.sh",
    plant: "printf 'while true; do\\n' >> scripts/oma-setup-wizard.sh",
    examine: ({ syntax }) =>
      [...syntax]
        .filter(([, words]) => words !== "")
        .map(([object, words]) => ({ object, because: words.split("\n")[0] ?? words })),
  },
  {
    id: "scripts/interpreter",
    title: "The wizard says what runs it",
    severity: "error",
    why: "systemd starts it by its first line",
    fix: "begin it with #!/usr/bin/env bash",
    plant: "sed -i 1d scripts/oma-setup-wizard.sh",
    examine: ({ texts }) => {
      const text = texts.get(wizard);
      return text !== undefined && !/^#!.*\bbash\b/u.test(text)
        ? [{ object: `${wizard} line 1`, because: "it does not name bash" }]
        : [];
    },
  },
  {
    id: "scripts/shell",
    title: "No shell without a login",
    severity: "error",
    why: "the wizard runs as root on the console: whoever stands there would be root",
    fix: "exec login: the system asks who it is",
    plant: "printf 'exec bash --login\\n' >> scripts/oma-setup-wizard.sh",
    examine: ({ texts }) => {
      const text = texts.get(wizard) ?? "";
      return [...text.matchAll(shell)].map(({ 0: line, index }) => ({
        object: `${wizard} line ${text.slice(0, index).split("\n").length + (/^\n*/u.exec(line)?.[0].length ?? 0)}`,
        because: `it gives a shell: ${line.trim()}`,
      }));
    },
  },
];
