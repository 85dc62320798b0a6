/** The bare system, out of the distribution's own packages. */
import { spawn } from "node:child_process";
import { LabProblem } from "../errors.ts";
import type { HostSettings } from "./host-settings.ts";
import type { Release } from "./release.ts";
import { oneLine } from "./sources.ts";

/** Of every base image. */
export const packages = [
  "ca-certificates",
  "cloud-init",
  "curl",
  "dbus",
  "iproute2",
  "iputils-ping",
  "libpam-systemd",
  "netbase",
  "openssh-server",
  "procps",
  "python3",
  "sudo",
  "systemd",
  "systemd-resolved",
  "systemd-sysv",
  "udev",
  "wget",
];

/** In a process tree of its own, of which nothing stays, mounts included, when this process is killed. */
const contained = [
  ...["setpriv", "--pdeathsig", "KILL"],
  ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
];

/** mmdebstrap tells each of its steps with "I: ". */
export function bootstrap(
  release: Release,
  include: readonly string[],
  settings: HostSettings,
  root: string,
  log: (line: string) => void,
): Promise<void> {
  const { codename } = release.distribution;
  const args = [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    `--include=${include.join(",")}`,
    '--aptopt=Acquire::Retries "3"',
    ...settings.apt.map((line) => `--aptopt=${line}`),
    "--dpkgopt=path-exclude=/usr/share/man/*",
    codename,
    root,
    ...release.sources.map(oneLine),
  ];
  return new Promise((resolve, reject) => {
    const [program = "", ...before] = contained;
    const child = spawn(program, [...before, "mmdebstrap", ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-4000);
      for (const [, step = ""] of text.matchAll(/^I: (.*)$/gmu)) log(`  ${step}`);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const because = words.trim().split("\n").slice(-5).join("\n           ");
      reject(
        new LabProblem(
          `the base image of ${release.templateName} cannot be made`,
          because,
          "apt-get update   # do the host's mirrors answer?",
        ),
      );
    });
  });
}
