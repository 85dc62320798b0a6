/** The host passes on what its guests send and what is answered: the kernel's switch, and the host's own firewall. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { host } from "../host.ts";
import { anyUplink } from "./names.ts";

export const forwardingSwitch = "/proc/sys/net/ipv4/ip_forward";
const switchedOn = "/run/ossea-lab-forwarding";

/** A lab switches it on, the last lab to leave switches it off again. */
export function allowForwarding(): void {
  if (readFileSync(forwardingSwitch, "utf8").trim() === "1") return;
  writeFileSync(switchedOn, "");
  writeFileSync(forwardingSwitch, "1");
}

export function restoreForwarding(): void {
  if (!existsSync(switchedOn)) return;
  if (readdirSync("/sys/class/net").some((name) => anyUplink.test(name))) return;
  rmSync(switchedOn);
  writeFileSync(forwardingSwitch, "0");
}

interface Chain {
  family: string;
  table: string;
  name: string;
  hook?: string;
  policy?: string;
}

interface Rule {
  family: string;
  table: string;
  chain: string;
  handle: number;
  comment?: string;
}

type Ruleset = { chain?: Chain; rule?: Rule }[];

/** Docker, ufw and others drop whatever they do not know, and no accept of another table changes that. */
export async function openFirewall(uplink: string): Promise<void> {
  const closed = (await ruleset()).flatMap(({ chain }) =>
    chain?.hook === "forward" && chain.policy === "drop" && ["ip", "inet"].includes(chain.family)
      ? [chain]
      : [],
  );
  const rules = closed.flatMap(({ family, table, name }) =>
    [`iifname "${uplink}"`, `oifname "${uplink}" ct state established,related`].map(
      (what) => `insert rule ${family} ${table} ${name} ${what} accept comment "${uplink}"\n`,
    ),
  );
  if (rules.length > 0) await host("nft", ["-f", "-"], { input: rules.join("") });
}

/** Takes back what was opened for the uplinks whose names begin so. */
export async function closeFirewall(uplinkPrefix: string): Promise<void> {
  const own = (await ruleset()).flatMap(({ rule }) =>
    rule?.comment?.startsWith(uplinkPrefix) ? [rule] : [],
  );
  for (const { family, table, chain, handle } of own) {
    await host("nft", ["delete", "rule", family, table, chain, "handle", String(handle)]);
  }
}

async function ruleset(): Promise<Ruleset> {
  const text = await host("nft", ["--json", "list", "ruleset"]);
  return (JSON.parse(text) as { nftables: Ruleset }).nftables;
}
