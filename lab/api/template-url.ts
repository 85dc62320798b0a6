/** What can be registered from a URL, refused in the server's words where it cannot. */
import { lookup } from "node:dns/promises";
import { parameterFault } from "../cloud/failure.ts";
import type { TemplateDownload } from "../cloud/model.ts";
import type { DiskImageFormat } from "../machines/driver.ts";

const formats: Readonly<Record<string, DiskImageFormat>> = { QCOW2: "qcow2", RAW: "raw" };
const extensions: Readonly<Record<DiskImageFormat, readonly string[]>> = {
  qcow2: [".qcow2"],
  raw: [".raw", ".img"],
};

export function formatOf(wanted: string, hypervisor: string): DiskImageFormat {
  const format = formats[wanted.toUpperCase()];
  if (format) return format;
  throw parameterFault(`The ${hypervisor} hypervisor does not support the format ${wanted}`);
}

/**
 * Unlike the real server the lab takes addresses of its own host: there the images are. Addresses of no single host
 * it refuses as well.
 */
export async function checkedUrl(url: string, format: DiskImageFormat): Promise<string> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw parameterFault(`Unsupported scheme for url: ${url}`);
  }
  const path = parsed.pathname.toLowerCase().replace(/\.gz$/, "");
  if (!extensions[format].some((extension) => path.endsWith(extension))) {
    throw parameterFault(
      `Please specify a valid URL. URL:${parsed.pathname} is an invalid for the format ${format}`,
    );
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  const address = await lookup(host).catch(() => undefined);
  if (!address) throw parameterFault(`Unable to resolve ${host}.`);
  if (/^(0\.|169\.254\.|2(2[4-9]|3\d)\.|255\.|::$|fe80:|ff)/i.test(address.address)) {
    throw parameterFault("Illegal host specified in URL.");
  }
  return url;
}

const algorithms: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
};
const byLength: Readonly<Record<number, string>> = { 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" };

export function checkedChecksum(text: string): NonNullable<TemplateDownload["checksum"]> {
  const [, name, digest = ""] = /^(?:\{([^}]*)\})?([0-9a-fA-F]+)$/.exec(text) ?? [];
  const algorithm = name === undefined ? byLength[digest.length] : algorithms[name.toUpperCase()];
  if (algorithm === undefined || byLength[digest.length] !== algorithm) {
    throw parameterFault(`Checksum ${text} is neither of MD5 nor SHA-1, SHA-256 or SHA-512`);
  }
  return { algorithm, value: digest.toLowerCase() };
}
