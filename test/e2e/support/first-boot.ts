/** Instances of a captured template whose first boot is watched and disturbed. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseEnvironmentLines } from "../../../toolchain/environment.ts";
import { Client, type Json } from "../../lab/support/client.ts";
import type { Workspace } from "./workspace.ts";

export class WatchedAppliance {
  readonly #workspace: Workspace;
  readonly #cloud: Client;
  readonly #instance: Json;

  private constructor(workspace: Workspace, cloud: Client, instance: Json) {
    this.#workspace = workspace;
    this.#cloud = cloud;
    this.#instance = instance;
  }

  /** Without a key, and without user data. */
  static async deploy(workspace: Workspace, name: string, templateid: string): Promise<WatchedAppliance> {
    const { stdout } = await workspace.lab("env");
    const keys = parseEnvironmentLines(stdout);
    const cloud = new Client({
      url: keys.CLOUDSTACK_API_URL ?? "",
      apiKey: keys.CLOUDSTACK_API_KEY ?? "",
      secretKey: keys.CLOUDSTACK_SECRET_KEY ?? "",
    });
    const { serviceoffering } = await cloud.call("listServiceOfferings", { name: "4 vCPU, 8 GiB" });
    const fields = { name, templateid, serviceofferingid: serviceoffering[0].id };
    return new WatchedAppliance(workspace, cloud, await cloud.deploy(fields));
  }

  get id(): string {
    return this.#instance.id;
  }

  async template(): Promise<Json> {
    const wanted = { templatefilter: "self", id: this.#instance.templateid };
    return (await this.#cloud.call("listTemplates", wanted)).template[0];
  }

  /** As root, through the host. */
  root(command: string) {
    return this.#workspace.lab("ssh", this.#instance.name, command);
  }

  /** The plug is pulled the moment that the console shows the words; then it is started again. */
  async cut(words: string): Promise<void> {
    const screen = this.#file("screen");
    const limit = AbortSignal.timeout(120_000);
    while (!existsSync(screen) || !readFileSync(screen, "utf8").includes(words)) {
      await delay(5, undefined, { signal: limit });
    }
    const { leader } = JSON.parse(readFileSync(this.#file("running.json"), "utf8"));
    process.kill(leader.pid, "SIGKILL");
    await this.#cloud.job("stopVirtualMachine", { id: this.id, forced: true });
    // What the next boot shows is not to be taken for what this one has shown.
    rmSync(screen, { force: true });
    await this.#cloud.job("startVirtualMachine", { id: this.id });
  }

  #file(name: string): string {
    return join(this.#workspace.folder, ".ossea/lab/machines", this.id, name);
  }

  async remove(): Promise<void> {
    await this.#cloud.job("destroyVirtualMachine", { id: this.id, expunge: true });
  }
}
