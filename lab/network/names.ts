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

/** What every name of this lab's parts on the host begins with, so that down finds also those that no file tells of. */
export function labPrefixes(home: string): { namespace: string; uplink: string; table: string } {
  const lab = tagOf(home);
  return { namespace: `ossea-${lab}-`, uplink: `os${lab}`, table: `ossea_${lab}_` };
}

/** An uplink of any lab. */
export const anyUplink = /^os[0-9a-f]{13}$/u;

export function routerNames(home: string, networkId: string): RouterNames {
  const prefixes = labPrefixes(home);
  const tag = digestOf(networkId).slice(0, 8);
  return {
    namespace: `${prefixes.namespace}${tag}`,
    uplink: `${prefixes.uplink}${tag.slice(0, 5)}`,
    downlink: "uplink0",
    bridge,
    table: `${prefixes.table}${tag}`,
  };
}

/** Namespace of one guest. */
export function guestNamespace(home: string, machineId: string): string {
  return `${labPrefixes(home).namespace}vm-${guestTag(home, machineId)}`;
}

/** The bridge's end of the cable of a guest's network card, by the card's place among them. */
export function portName(home: string, machineId: string, card: number): string {
  return `vm${guestTag(home, machineId)}${card === 0 ? "" : `-${card}`}`;
}

function guestTag(home: string, machineId: string): string {
  return digestOf(`${tagOf(home)} ${machineId}`).slice(0, 8);
}
