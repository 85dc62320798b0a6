import type * as pulumi from "@pulumi/pulumi";

/** How a machine is reached over SSH. Secret as a whole: it holds the private key. */
export interface Connection {
  host: string;
  user: string;
  privateKey: string;
  /** The machine's host key as an authorized-key line; the connection is refused when it differs. */
  hostKey: string;
  /** 22 when left out. */
  port?: number;
  /** A machine to go through. */
  proxy?: Connection;
}

/** What a step needs of the machine that it works on. */
export interface MachineAccess {
  connection: pulumi.Output<Connection>;
  /** A step runs again exactly when the machine is another one. */
  instanceId: pulumi.Output<string>;
}
