/** Which data disks an instance's machine has. */
import type { Cloud } from "./cloud.ts";
import type { Volume } from "./model.ts";

export async function showDataDisks(
  cloud: Cloud,
  instanceId: string,
  volumes: readonly Volume[],
): Promise<void> {
  const disks = volumes.map(({ id, deviceId }) => ({ volumeId: id, deviceId: deviceId ?? 1 }));
  await cloud.machines.hold(instanceId, async () => cloud.driver.showDataDisks?.(instanceId, disks));
}
