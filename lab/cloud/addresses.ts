/**
 * Addresses. A guest's address in the lab's network decides all others: its MAC, and by static NAT its loopback
 * address on the host. Loopback addresses come from a /20 that belongs to this lab's folder, so that several labs on
 * one machine do not meet.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Cloud, PublicBlock } from "./cloud.ts";
import { ApiError } from "./failure.ts";
import type { Network } from "./model.ts";

export interface GuestAddress {
  ipAddress: string;
  mac: string;
  publicIp: string;
}

/** Guests get the addresses from .10 on; the router has the first one. */
const firstGuest = 10;

/** The lowest free address of the network; an address stays taken until its instance is expunged. */
export function freeAddress(cloud: Cloud, network: Network, wanted?: string): GuestAddress {
  const taken = new Set<string>();
  for (const instance of cloud.store.all("instances")) {
    for (const nic of instance.nics) if (nic.networkId === network.id) taken.add(nic.ipAddress);
  }
  const { base, size } = rangeOf(network.cidr);
  if (wanted !== undefined) {
    const offset = numberOf(wanted) - base;
    if (!(offset >= firstGuest && offset < size - 1) || taken.has(wanted)) {
      throw new ApiError(533, `Unable to acquire the address ${wanted} in the network ${network.name}`, 9999);
    }
    return addressAt(cloud.publicBlock, base, offset);
  }
  for (let offset = firstGuest; offset < size - 1; offset++) {
    if (!taken.has(textOf(base + offset))) return addressAt(cloud.publicBlock, base, offset);
  }
  throw new ApiError(533, `Insufficient address capacity in the network ${network.name}`, 9999);
}

export function netmaskOf(cidr: string): string {
  return textOf(2 ** 32 - rangeOf(cidr).size);
}

function addressAt(block: PublicBlock, base: number, offset: number): GuestAddress {
  const hex = (offset + 65536).toString(16).slice(1);
  const high = Math.floor(offset / 256);
  return {
    ipAddress: textOf(base + offset),
    mac: `02:01:${byte(block.second)}:${byte(block.third)}:${hex.slice(0, 2)}:${hex.slice(2)}`,
    publicIp: `127.${block.second}.${block.third + high}.${offset % 256}`,
  };
}

/**
 * The lab's block: by a hash of its folder, or the next one on which nothing listens. 127.100-227, so nothing that
 * distributions use (127.0.0.1, 127.0.1.1, 127.0.0.53) is near.
 */
export function choosePublicBlock(folder: string, listening = listeningLoopback()): PublicBlock {
  const start = createHash("sha256").update(folder).digest().readUInt16BE(0);
  for (let step = 0; step < 2048; step++) {
    const index = (start + step) % 2048;
    const block = { second: 100 + (index >> 4), third: (index & 15) * 16 };
    const inBlock = ([second, third]: [number, number]) =>
      second === block.second && third >= block.third && third < block.third + 16;
    if (!listening.some(inBlock)) return block;
  }
  throw new Error("every block of 127.100.0.0/9 is in use");
}

/** Second and third byte of each 127.x.y.z on which a TCP socket of this machine listens. */
export function listeningLoopback(table = readFileSync("/proc/net/tcp", "utf8")): [number, number][] {
  return table.split("\n").flatMap((line): [number, number][] => {
    const [, local, , state] = line.trim().split(/\s+/);
    if (state !== "0A" || local?.slice(6, 8) !== "7F") return [];
    return [[Number.parseInt(local.slice(4, 6), 16), Number.parseInt(local.slice(2, 4), 16)]];
  });
}

function rangeOf(cidr: string): { base: number; size: number } {
  const [address = "", bits = ""] = cidr.split("/");
  return { base: numberOf(address), size: 2 ** (32 - Number(bits)) };
}

function numberOf(address: string): number {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return Number.NaN;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
