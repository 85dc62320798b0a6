/** Another computer beyond the host, played by a network namespace: what guests mean when they go out. Needs root. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

const namespace = "lab-test-outside";
const cable = "labtestout0";

const ip = (...args: string[]) => execFileSync("ip", args);

export class Outside {
  /** From a block that is set aside for documentation. */
  readonly address = "203.0.113.2";
  readonly port = 8080;

  private constructor() {}

  /** Takes connections as long as it is there. */
  static async there(): Promise<Outside> {
    const outside = new Outside();
    ip("netns", "add", namespace);
    ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    ip("address", "add", "203.0.113.1/24", "dev", cable);
    ip("link", "set", cable, "up");
    ip("-n", namespace, "address", "add", `${outside.address}/24`, "dev", "eth0");
    ip("-n", namespace, "link", "set", "eth0", "up");
    ip("-n", namespace, "route", "add", "default", "via", "203.0.113.1");
    const serve = `require("net").createServer((s) => s.end()).listen(${outside.port}, "${outside.address}", () => console.log("ready"))`;
    const server = spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", serve], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(server.stdout, "data");
    outside.#server = server;
    return outside;
  }

  #server: ReturnType<typeof spawn> | undefined;

  async end(): Promise<void> {
    const server = this.#server;
    if (server) {
      server.kill("SIGKILL");
      await once(server, "exit");
    }
    ip("netns", "del", namespace);
  }
}
