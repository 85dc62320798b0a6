/** Another machine of the lab's network, beside an appliance: what a VMA, or anybody, can do from there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironmentLines } from "../../../toolchain/environment.ts";
import { Client, type Json } from "../../lab/support/client.ts";
import type { Workspace } from "./workspace.ts";

const scripts = join(import.meta.dirname, "..", "neighbour");

export class Machine {
  readonly #workspace: Workspace;
  readonly name: string;
  readonly address: string;

  constructor(workspace: Workspace, { name, nic }: Json) {
    this.#workspace = workspace;
    this.name = name;
    this.address = nic[0].ipaddress;
  }

  /** What root's shell prints there. */
  async run(command: string): Promise<string> {
    const { code, stdout, text } = await this.#workspace.lab("ssh", this.name, command);
    if (code !== 0) throw new Error(`${this.name}: ${command}\n${text}`);
    return stdout.trim();
  }

  /** One of the scripts beside this folder. */
  async script(name: string, ...args: readonly string[]): Promise<string> {
    const text = readFileSync(join(scripts, name)).toString("base64");
    const program = name.endsWith(".py") ? "python3" : "bash";
    return await this.run(`base64 -d <<<${text} >${name}; ${program} ${name} ${args.join(" ")}`);
  }
}

/** Deploys a machine of the base template into the network of the appliance, whose instance has this in its name. */
export async function neighbourOf(
  workspace: Workspace,
  nameOfAppliance: string,
): Promise<{ appliance: Machine; neighbour: Machine; remove: () => Promise<void> }> {
  const { stdout } = await workspace.lab("env");
  const lab = parseEnvironmentLines(stdout);
  const cloud = new Client({
    url: lab.CLOUDSTACK_API_URL ?? "",
    apiKey: lab.CLOUDSTACK_API_KEY ?? "",
    secretKey: lab.CLOUDSTACK_SECRET_KEY ?? "",
  });
  const { virtualmachine: machines } = await cloud.call("listVirtualMachines", { listall: true });
  const instance = machines.find(({ name }: Json) => name.includes(nameOfAppliance));
  const neighbour = await cloud.deploy({ name: "neighbour" });
  return {
    appliance: new Machine(workspace, instance),
    neighbour: new Machine(workspace, neighbour),
    remove: async () => {
      await cloud.job("destroyVirtualMachine", { id: neighbour.id, expunge: true });
    },
  };
}
