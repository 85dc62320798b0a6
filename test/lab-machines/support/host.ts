/** What a lab may leave behind on the host. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { labPrefixes } from "../../../lab/network/names.ts";

const say = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" });

/** Everything on this host that belongs to the lab in `home` and is not a file in its folder, found by name. */
export function traces(home: string): string[] {
  const { namespace, uplink, table } = labPrefixes(home);
  const lines = [
    ...lined("interface", say("ip", "-o", "link")),
    ...lined("namespace", say("ip", "netns", "list")),
    ...lined("rules", say("nft", "list", "tables")),
    ...lined("route", say("ip", "route")),
    ...lined("control group", say("find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", "ossea-*")),
    ...lined("loop device", say("losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE")),
  ];
  const marks = [namespace, uplink, table, home];
  return [...lines.filter((line) => marks.some((mark) => line.includes(mark))), ...processes(home)];
}

/** Those that were started for the lab, or have something of it mounted. */
function processes(home: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      ["cmdline", "environ", "mountinfo"].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, "utf8").includes(home);
        } catch {
          return false;
        }
      }),
    )
    .map((pid) => `process ${pid}`);
}

/** Sockets that listen on the host where others than itself may reach them. */
export function openToOthers(): string[] {
  return say("ss", "-Hltun")
    .split("\n")
    .map((line) => line.split(/\s+/u)[4] ?? "")
    .filter((address) => address && !/^(127\.|\[::1\])/u.test(address))
    .sort();
}

function lined(kind: string, text: string): string[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => `${kind} ${line}`);
}
