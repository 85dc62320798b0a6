/** Names and addresses of a guest network's parts on the host. An interface's name has at most 15 characters. */
import { digestOf, tagOf } from "../host.ts";

export interface RouterNames {
  /** Network namespace of the router, in which the guests' bridge is. */
  namespace: string;
  /** The host's end of the way in and out. */
  uplink: string;
  /** The router's end of it. */
  downlink: string;
  bridge: string;
  /** nftables table on the host. */
  table: string;
}

const bridge = "guests0";

export function routerNames(home: string, networkId: string): RouterNames {
  const tag = digestOf(`${tagOf(home)} ${networkId}`).slice(0, 8);
  return {
    namespace: `ossea-${tag}`,
    uplink: `osup${tag}`,
    downlink: "uplink0",
    bridge,
    table: `ossea_${tag}`,
  };
}

/** Namespace of one guest, and the bridge's end of its cable. */
export function guestNames(home: string, machineId: string): { namespace: string; port: string } {
  const tag = digestOf(`${tagOf(home)} ${machineId}`).slice(0, 8);
  return { namespace: `ossea-vm-${tag}`, port: `vm${tag}` };
}
