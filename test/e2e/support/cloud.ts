/** What a workspace's lab holds, asked through its API with its own keys. */
import { z } from "zod";
import { CloudStack } from "../../../providers/cloudstack/client/client.ts";
import { parseEnvironmentLines } from "../../../toolchain/environment.ts";
import type { Workspace } from "./workspace.ts";

export interface LabObjects {
  instances: string[];
  /** Those that were captured here; the lab's own are left out. */
  templates: string[];
  volumes: string[];
  jobs: { command: string; pending: boolean }[];
}

const named = z.object({ name: z.string() });
const job = z.object({ cmd: z.string(), jobstatus: z.number() });

export async function askLab(workspace: Workspace): Promise<LabObjects> {
  const cloud = await clientOf(workspace);
  const { signal } = new AbortController();
  const names = async (command: string, parameters: Record<string, string> = {}) =>
    (await cloud.list(command, named, { listall: "true", ...parameters }, signal)).map(({ name }) => name);
  const [instances, templates, volumes, jobs] = await Promise.all([
    names("listVirtualMachines"),
    names("listTemplates", { templatefilter: "self" }),
    names("listVolumes"),
    cloud.list("listAsyncJobs", job, { listall: "true" }, signal),
  ]);
  return {
    instances,
    templates: templates.filter((name) => !name.endsWith("(lab)")),
    volumes,
    jobs: jobs.map(({ cmd, jobstatus }) => ({ command: cmd, pending: jobstatus === 0 })),
  };
}

const clients = new Map<string, CloudStack>();

async function clientOf(workspace: Workspace): Promise<CloudStack> {
  const known = clients.get(workspace.folder);
  if (known) return known;
  const { stdout } = await workspace.lab("env");
  const keys = parseEnvironmentLines(stdout);
  const cloud = new CloudStack({
    apiUrl: new URL(keys.CLOUDSTACK_API_URL ?? ""),
    apiKey: keys.CLOUDSTACK_API_KEY ?? "",
    secretKey: keys.CLOUDSTACK_SECRET_KEY ?? "",
    requestTimeoutSeconds: 30,
    jobTimeoutSeconds: 600,
  });
  clients.set(workspace.folder, cloud);
  return cloud;
}
