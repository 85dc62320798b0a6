/**
 * What this host needs to reach packages, and its guests therefore too: proxies, a registry of npm, certificate
 * authorities. Nothing with a password in it: the image is read by whoever has a guest.
 */
import { existsSync, readFileSync } from "node:fs";
import { host } from "../host.ts";

export interface HostSettings {
  /** Lines of apt's configuration, without the semicolon. */
  apt: string[];
  /** Lines of npm's. */
  npm: string[];
  /** NAME=VALUE */
  environment: string[];
  /** PEM. */
  authorities: string[];
}

export const certificateBundle = "/etc/ssl/certs/ca-certificates.crt";

const proxyVariables = ["http_proxy", "https_proxy", "no_proxy"];

export async function hostSettings(): Promise<HostSettings> {
  const environment = proxiesIn(process.env);
  return {
    apt: aptProxies(await host("apt-config", ["dump"])),
    npm: npmRegistry("/etc/npmrc"),
    environment,
    authorities: certificatesIn(certificateBundle),
  };
}

/** Those that a guest can use: not on the host's loopback. @param dump of apt-config */
export function aptProxies(dump: string): string[] {
  return [...dump.matchAll(/^(Acquire::https?::Proxy\S*) "([^"]+)";$/gimu)]
    .filter(([, , address = ""]) => address === "DIRECT" || isUsable(address))
    .map(([, name, address]) => `${name} "${address}"`);
}

export function proxiesIn(environment: NodeJS.ProcessEnv): string[] {
  return proxyVariables.flatMap((name) => {
    const value = environment[name] ?? environment[name.toUpperCase()];
    if (!value || (name !== "no_proxy" && !isUsable(value))) return [];
    return [`${name}=${value}`];
  });
}

/** The registries that npm on this host uses for everybody, without what logs in to them. */
function npmRegistry(path: string): string[] {
  return existsSync(path) ? registriesIn(readFileSync(path, "utf8")) : [];
}

export function registriesIn(npmrc: string): string[] {
  return npmrc
    .split("\n")
    .map((line) => /^\s*((?:@[^:=\s]+:)?registry)\s*=\s*(\S+)/u.exec(line))
    .flatMap((found) => (found?.[2] && isUsable(found[2]) ? [`${found[1]}=${found[2]}`] : []));
}

function isUsable(address: string): boolean {
  const url = URL.parse(address);
  if (!url || url.username || url.password) return false;
  return !/^(localhost|127\.|\[::1\])/u.test(url.hostname);
}

export function certificatesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return (
    readFileSync(path, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? []
  );
}
