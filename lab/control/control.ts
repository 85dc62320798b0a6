/**
 * How the command line talks to the running lab: HTTP over the control socket, opened by the control key. What other
 * programs may want of it is on the endpoint too, below /lab/admin, by the same key.
 */

import type { ToldProblem } from "../errors.ts";

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
  /** Of the lab's page in a browser, with the token of this run. */
  page: string;
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

export interface Screen {
  /** The picture, base64. */
  png: string;
}

/** Lines of a stream; the last one is `done` or `failed`. */
export type StreamLine = { line: string } | { done: true } | { failed: string; problem?: ToldProblem };

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

export interface Seed {
  /** What the ids of rows to come follow from; null: from nothing. */
  seed: string | null;
}

/** Header of every answer: the id of the lab's process. */
export const processHeader = "lab-process";

/** Exit status of a daemon that found another one at work. */
export const alreadyRunning = 75;
