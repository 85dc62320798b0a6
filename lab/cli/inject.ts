/** Faults on demand. They live in the running lab's memory and are gone when it restarts. */
import { Control } from "../control/client.ts";
import type { FaultList } from "../control/control.ts";
import type { Line } from "./line.ts";

export async function inject({ home, args }: Line): Promise<number> {
  const control = new Control(home);
  const [name, ...rest] = args;
  if (name === undefined || name === "--list") show(await control.faults());
  else if (name === "--clear") show(await control.clearFaults());
  else show(await control.arm(name, options(rest)));
  return 0;
}

function options(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

function show({ known, armed }: FaultList): void {
  console.log("faults");
  for (const { name, description, options } of known) {
    console.log(`  ${name}: ${description}`);
    for (const [option, meaning] of Object.entries(options)) console.log(`      ${option}=  ${meaning}`);
  }
  console.log("  all: command=NAME strikes only there, times=N how often");
  console.log(armed.length === 0 ? "armed: none" : "armed");
  for (const { name, options, left } of armed) {
    const given = Object.entries(options).map(([key, value]) => ` ${key}=${value}`);
    console.log(`  ${name}${given.join("")} (${left} left)`);
  }
}
