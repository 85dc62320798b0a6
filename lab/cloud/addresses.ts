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
  /** In networks whose guests each have one. */
  publicIp: string | undefined;
}

/** Guests get the addresses from .10 on; the router has the first one. */
const firstGuest = 10;

/** The last addresses of the lab's block are those that clients ask for; no guest has one by static NAT. */
const blockSize = 4096;
const askedFor = 256;

/** The lowest free address of the network; an address stays taken until its instance is expunged. */
export function freeAddress(cloud: Cloud, network: Network, wanted?: string): GuestAddress {
  const taken = new Set<string>();
  for (const instance of cloud.store.all("instances")) {
    for (const nic of instance.nics) if (nic.networkId === network.id) taken.add(nic.ipAddress);
  }
  const { base, size } = rangeOf(network.cidr);
  const elastic = cloud.store.need("networkOfferings", network.networkOfferingId).elasticIp === true;
  const end = elastic ? Math.min(size - 1, blockSize - askedFor) : size - 1;
  const addressAt = (offset: number): GuestAddress => ({
    ipAddress: textOf(base + offset),
    mac: macOf(cloud.publicBlock, network, offset),
    publicIp: elastic ? publicIpAt(cloud.publicBlock, offset) : undefined,
  });
  if (wanted !== undefined) {
    const offset = numberOf(wanted) - base;
    if (!(offset >= firstGuest && offset < end) || taken.has(wanted)) {
      throw new ApiError(533, `Unable to acquire the address ${wanted} in the network ${network.name}`, 9999);
    }
    return addressAt(offset);
  }
  for (let offset = firstGuest; offset < end; offset++) {
    if (!taken.has(textOf(base + offset))) return addressAt(offset);
  }
  throw new ApiError(533, `Insufficient address capacity in the network ${network.name}`, 9999);
}

/** The lowest of the lab's public addresses that nobody has. @param wanted takes this one */
export function freePublicAddress(cloud: Cloud, wanted?: string): string {
  const taken = new Set([...cloud.store.all("publicAddresses")].map(({ ipAddress }) => ipAddress));
  for (let offset = blockSize - askedFor + 1; offset < blockSize - 1; offset++) {
    const address = publicIpAt(cloud.publicBlock, offset);
    if (!taken.has(address) && (wanted === undefined || wanted === address)) return address;
  }
  throw new ApiError(533, "Insufficient address capacity", 9999);
}

/** Whether the address lies in the network. */
export function isWithin(cidr: string, address: string): boolean {
  const { base, size } = rangeOf(cidr);
  const number = numberOf(address);
  return number >= base && number < base + size;
}

/** Whether the first network holds all of the second. */
export function holdsNetwork(outer: string, inner: string): boolean {
  const { base, size } = rangeOf(inner);
  return isWithin(outer, textOf(base)) && isWithin(outer, textOf(base + size - 1));
}

/** "10.1.1.0/24" of any address in it and its netmask; undefined when they are none. */
export function cidrOf(address: string, netmask: string): string | undefined {
  const mask = numberOf(netmask);
  const bits = Math.log2(2 ** 32 - mask);
  if (Number.isNaN(numberOf(address)) || !Number.isInteger(bits)) return undefined;
  const size = 2 ** bits;
  return `${textOf(Math.floor(numberOf(address) / size) * size)}/${32 - bits}`;
}

export function isCidr(text: string): boolean {
  const [address = "", bits = "", more] = text.split("/");
  return (
    more === undefined && !Number.isNaN(numberOf(address)) && /^\d{1,2}$/u.test(bits) && Number(bits) <= 32
  );
}

export function netmaskOf(cidr: string): string {
  return textOf(2 ** 32 - rangeOf(cidr).size);
}

function macOf(block: PublicBlock, network: Network, offset: number): string {
  const hex = (offset + 65536).toString(16).slice(1);
  return `02:${byte(network.number % 256)}:${byte(block.second)}:${byte(block.third)}:${hex.slice(0, 2)}:${hex.slice(2)}`;
}

function publicIpAt({ second, third }: PublicBlock, offset: number): string {
  return `127.${second}.${third + Math.floor(offset / 256)}.${offset % 256}`;
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

/** NaN for what is no address, or one in another spelling than the usual one: it would pass for another address. */
function numberOf(address: string): number {
  const parts = address.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) {
    return Number.NaN;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
