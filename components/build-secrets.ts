import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Secrets of the build machine alone. The seal removes them, and each clone makes its own at its first boot, so that no
 * template and no two appliances share one.
 */
export class BuildSecrets extends pulumi.ComponentResource {
  /** No secret: it stands in every secret of this build, so that the template can be searched for them. */
  readonly marker: pulumi.Output<string>;
  readonly databasePassword: pulumi.Output<string>;
  /** 32 bytes, base64. */
  readonly credentialKey: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("ossea:appliance:BuildSecrets", name, {}, opts);
    const parent = { parent: this };
    const marker = new random.RandomString(`${name}-marker`, { length: 16, special: false }, parent);
    const password = new random.RandomPassword(
      `${name}-database-password`,
      { length: 32, special: false },
      parent,
    );
    const key = new random.RandomPassword(`${name}-credential-key`, { length: 64 }, parent);
    this.marker = marker.result;
    this.databasePassword = pulumi.secret(pulumi.interpolate`${marker.result}${password.result}`);
    // Not RandomBytes: the official plugin makes the bytes its resource's id, which stands in the state in clear.
    this.credentialKey = pulumi.secret(
      pulumi.all([marker.result, key.result]).apply(([mark, text]) => mark + bytesOf(text)),
    );
    this.registerOutputs();
  }
}

/** 20 bytes, base64; with the marker's sixteen characters, which stand for twelve, they are 32. */
function bytesOf(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, 20).toString("base64");
}
