import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Secrets of the build machine alone. The seal removes them, and each clone makes its own at its first boot, so that no
 * template and no two appliances share one.
 */
export class BuildSecrets extends pulumi.ComponentResource {
  readonly databasePassword: pulumi.Output<string>;
  /** 32 bytes, base64. */
  readonly credentialKey: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:BuildSecrets", name, {}, opts);
    const password = new random.RandomPassword(
      `${name}-database-password`,
      { length: 32, special: false },
      { parent: this },
    );
    const key = new random.RandomPassword(`${name}-credential-key`, { length: 64 }, { parent: this });
    this.databasePassword = pulumi.secret(password.result);
    // Not RandomBytes: the official plugin makes the bytes its resource's id, which stands in the state in clear.
    this.credentialKey = pulumi.secret(
      key.result.apply((text) => createHash("sha256").update(text).digest("base64")),
    );
    this.registerOutputs();
  }
}
