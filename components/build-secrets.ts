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
    const key = new random.RandomBytes(`${name}-credential-key`, { length: 32 }, { parent: this });
    this.databasePassword = pulumi.secret(password.result);
    this.credentialKey = pulumi.secret(key.base64);
    this.registerOutputs();
  }
}
