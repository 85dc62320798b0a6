/** How the machines of a stack are reached: what the configuration says, read and checked. */
import { readFileSync } from "node:fs";
import { Problem } from "../common/problem.ts";

export type Access =
  /** At the address that the network gives them. */
  | { kind: "direct" }
  /** By a public address for each, open to these networks. */
  | { kind: "portForwarding"; cidrs: readonly string[] }
  /** Through another machine. */
  | { kind: "bastion"; bastion: Bastion };

export interface Bastion {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  hostKey: string;
}

export const accessKinds = ["direct", "portForwarding", "bastion"] as const;

/** The keys of the configuration that say it. */
export interface AccessSettings {
  access: (typeof accessKinds)[number];
  accessCidrs?: readonly string[] | undefined;
  bastionHost?: string | undefined;
  bastionPort: number;
  bastionUser?: string | undefined;
  bastionKeyFile?: string | undefined;
  bastionHostKey?: string | undefined;
}

const needed: Readonly<Record<AccessSettings["access"], readonly (keyof AccessSettings)[]>> = {
  direct: [],
  portForwarding: ["accessCidrs"],
  bastion: ["bastionHost", "bastionUser", "bastionKeyFile", "bastionHostKey"],
};

/** Keys that the way in needs and that have no value. */
export function accessFaults(stack: string, settings: AccessSettings): Problem[] {
  return needed[settings.access]
    .filter((key) => settings[key] === undefined)
    .map(
      (key) =>
        new Problem({
          what: "missing configuration key",
          object: `${key} of stack ${stack}`,
          because: `access is ${settings.access}, which needs it`,
          next: `pulumi config set ${key} VALUE -s ${stack}   # what it means stands in Pulumi.yaml`,
        }),
    );
}

/** @throws Problem when the bastion's key cannot be read */
export function accessOf(stack: string, settings: AccessSettings): Access {
  switch (settings.access) {
    case "direct":
      return { kind: "direct" };
    case "portForwarding":
      return { kind: "portForwarding", cidrs: settings.accessCidrs ?? [] };
    case "bastion": {
      const { bastionHost = "", bastionUser = "", bastionHostKey = "", bastionKeyFile = "" } = settings;
      const privateKey = readKey(stack, bastionKeyFile);
      return {
        kind: "bastion",
        bastion: {
          host: bastionHost,
          port: settings.bastionPort,
          user: bastionUser,
          privateKey,
          hostKey: bastionHostKey,
        },
      };
    }
  }
}

function readKey(stack: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Problem({
      what: "unreadable key",
      object: `${path}, bastionKeyFile of stack ${stack}`,
      because: (error as Error).message,
      next: `pulumi config set bastionKeyFile PATH -s ${stack}`,
    });
  }
}
