/**
 * The addresses between the host and a network's router: a /20 of 198.18.0.0/15, which is set aside for such use and
 * routed nowhere. Each guest has one there, so that the host needs no route to the guests' own network.
 */
import { networkInterfaces } from "node:os";
import { digestOf } from "../host.ts";

export interface Link {
  host: string;
  router: string;
  /** All of it, "198.18.16.0/20"; the host sends it to the router, which turns each address towards its guest. */
  block: string;
  /** Number of the first address. */
  base: number;
}

const first = numberOf("198.18.0.0");
const size = 4096;
const blocks = 32;

/** @param except one that turned out to be in use */
export function chooseLink(key: string, except?: Link): Link {
  const taken = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family }) => family === "IPv4")
      .map(({ address }) => Math.floor((numberOf(address) - first) / size)),
  );
  const wanted = Number.parseInt(digestOf(key).slice(0, 6), 16) % blocks;
  for (let step = 0; step < blocks; step++) {
    const block = (wanted + step) % blocks;
    if (!taken.has(block) && first + block * size !== except?.base) return linkAt(first + block * size);
  }
  throw new Error("every block of 198.18.0.0/15 is in use on this computer");
}

/** The guest's address on the link: as far into the block as its loopback address is into the lab's. */
export function linkAddress(link: Link, publicAddress: string): string {
  return textOf(link.base + (numberOf(publicAddress) % size));
}

function linkAt(base: number): Link {
  return { host: textOf(base + 1), router: textOf(base + 2), block: `${textOf(base)}/20`, base };
}

/** First number and size of "10.1.1.0/24". */
export function rangeOf(network: string): { base: number; size: number } {
  const [address = "", bits = "32"] = network.split("/");
  const length = 2 ** (32 - Number(bits));
  return { base: Math.floor(numberOf(address) / length) * length, size: length };
}

export function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
