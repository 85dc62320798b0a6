/**
 * How the command line talks to the running lab: HTTP over the control socket, opened by the control key. Nothing of
 * it is on the public endpoint.
 */

export interface InstanceStatus {
  id: string;
  name: string;
  state: string;
  /** Where the network gives each guest one. */
  publicIp?: string;
  defaultUser: string;
}

export interface TemplateStatus {
  id: string;
  name: string;
  state: string;
}

export interface Status {
  pid: number;
  url: string;
  driver: string;
  /** Seconds. */
  uptime: number;
  /** Bytes. */
  memory: number;
  runningJobs: number;
  instances: InstanceStatus[];
  templates: TemplateStatus[];
}

export interface MachineAccess {
  id: string;
  name: string;
  state: string;
  consoleSocket: string;
  /** What to run on the host for a root shell in the machine; the command's words come after it. */
  enter?: string[];
}

/** Lines of a stream; the last one is `done` or `failed`. */
export type StreamLine = { line: string } | { done: true } | { failed: string };

export interface ArmedFault {
  id: number;
  name: string;
  options: Readonly<Record<string, string>>;
  left: number | string;
}

export interface FaultList {
  known: { name: string; description: string; options: Readonly<Record<string, string>> }[];
  armed: ArmedFault[];
}

/** Header of every answer: the id of the lab's process. */
export const processHeader = "lab-process";

/** Exit status of a daemon that found another one at work. */
export const alreadyRunning = 75;
