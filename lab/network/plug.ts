/** A guest's network card: a namespace of its own with one cable to the bridge of its network. */
import { existsSync } from "node:fs";
import { host } from "../host.ts";
import type { NicSpec } from "../machines/driver.ts";
import { guestNames, routerNames } from "./names.ts";

/** The card's name in the guest. */
export const guestInterface = "eth0";

/** The MAC is set before the guest's DHCP starts. @returns path of the namespace */
export async function plug(home: string, machineId: string, nic: NicSpec): Promise<string> {
  const { namespace, port } = guestNames(home, machineId);
  const router = routerNames(home, nic.networkId);
  await unplug(home, machineId);
  await host("ip", ["netns", "add", namespace]);
  await host("ip", ["-batch", "-"], {
    input: [
      `link add ${port} netns ${router.namespace} type veth peer name ${guestInterface} address ${nic.mac} netns ${namespace}`,
      "",
    ].join("\n"),
  });
  await host("ip", ["-n", router.namespace, "-batch", "-"], {
    input: `link set ${port} master ${router.bridge}\nlink set ${port} up\n`,
  });
  return namespacePath(namespace);
}

export async function unplug(home: string, machineId: string): Promise<void> {
  const { namespace } = guestNames(home, machineId);
  if (existsSync(namespacePath(namespace))) await host("ip", ["netns", "del", namespace]);
}

export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}
