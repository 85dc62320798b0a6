/** A container's network cards: a namespace of its own with a cable to the bridge of each of its networks. */
import { existsSync } from "node:fs";
import { host } from "../host.ts";
import type { NicSpec } from "../machines/driver.ts";
import { guestNamespace, portName, routerNames } from "./names.ts";

/** What the cards' names in the guest begin with. */
const guestInterface = "eth";

/** The MACs are set before the guest's DHCP starts. @returns path of the namespace */
export async function plug(home: string, machineId: string, nics: readonly NicSpec[]): Promise<string> {
  const namespace = guestNamespace(home, machineId);
  await unplug(home, machineId);
  await host("ip", ["netns", "add", namespace]);
  for (const [card, { networkId, mac }] of nics.entries()) {
    const router = routerNames(home, networkId);
    const port = portName(home, machineId, card);
    const guestEnd = `name ${guestInterface}${card} address ${mac} netns ${namespace}`;
    await host("ip", ["-batch", "-"], {
      input: `link add ${port} netns ${router.namespace} type veth peer ${guestEnd}\n`,
    });
    await host("ip", ["-n", router.namespace, "-batch", "-"], {
      input: `link set ${port} master ${router.bridge}\nlink set ${port} up\n`,
    });
    // What is sent to this card goes to this port, whatever another guest says its own address is.
    await host("bridge", ["-n", router.namespace, "-batch", "-"], {
      input: `link set dev ${port} learning off\nfdb replace ${mac} dev ${port} master static\n`,
    });
  }
  return namespacePath(namespace);
}

export async function unplug(home: string, machineId: string): Promise<void> {
  const namespace = guestNamespace(home, machineId);
  if (existsSync(namespacePath(namespace))) await host("ip", ["netns", "del", namespace]);
}

export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}
