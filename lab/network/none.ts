/** Networks for a lab without guests: nothing to plug in. */
import type { GuestNetworks } from "./network.ts";

export function createNoneNetworks(): GuestNetworks {
  const nothing = async () => undefined;
  return {
    ensureNetwork: nothing,
    removeNetwork: nothing,
    publish: nothing,
    setRules: nothing,
    withdraw: nothing,
    down: nothing,
  };
}
