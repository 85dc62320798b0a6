import { createHash, createPublicKey } from "node:crypto";
import { Problem } from "../../../common/problem.ts";
import type { CreateContext, Existing, Log, ResourceHandler } from "../../rpc/index.ts";
import * as answers from "../client/answers.ts";
import { findAll, type Listing } from "../client/batches.ts";
import type { CloudStack } from "../client/client.ts";
import { isFault } from "../client/faults.ts";
import { identityOf, nameStem, type Place } from "./identity.ts";
import { faultsIn, filledText } from "./inputs.ts";
import { attempt } from "./problems.ts";
import { resourceSchema } from "./properties.ts";

export interface SshKeyPairInputs {
  name?: string;
  publicKey?: string;
}

export interface SshKeyPairState extends SshKeyPairInputs {
  name: string;
  /** Empty when it was imported: CloudStack does not show it. */
  publicKey: string;
  /** Of a pair that CloudStack made. */
  privateKey?: string;
  fingerprint: string;
  keyPairId?: string;
}

type Context = CreateContext<CloudStack, SshKeyPairState>;

const longestKey = 5120;

export const sshKeyPair: ResourceHandler<SshKeyPairInputs, SshKeyPairState, CloudStack> = {
  token: "cloudstack:index:SshKeyPair",
  schema: resourceSchema({
    description:
      "A public key that instances can be given (`registerSSHKeyPair`), or a pair that CloudStack makes (`createSSHKeyPair`). CloudStack copies the keys of an instance into templates captured from it; `Template` takes them out again.\n\nImported by its name.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Unique in the account; by default made from the resource's name.",
      },
      publicKey: {
        type: "string",
        willReplaceOnChanges: true,
        description:
          "As in authorized_keys: `ssh-ed25519 AAAA... comment`. Left out, CloudStack makes an RSA pair, and its private key is an output.",
      },
    },
    required: [],
    outputs: {
      privateKey: {
        type: "string",
        secret: true,
        description: "PEM, of a pair that CloudStack made; it tells it once and never again.",
      },
      fingerprint: { type: "string", description: "MD5 in hexadecimal with colons, as CloudStack tells it." },
      keyPairId: { type: "string", description: "CloudStack's id of the key pair." },
    },
    present: ["name", "publicKey", "fingerprint"],
  }),

  check: (news) => ({
    inputs: news,
    faults: [...faultsIn({ ...news }, { name: filledText, publicKey: publicKeyLine })],
  }),

  // Neither a name nor a key can be there twice in an account.
  diff: (old, news, moves) => ({
    changes: moves
      .filter(({ property }) => !isAsBefore(property, old, news))
      .map((move) => ({ ...move, replace: true })),
    deleteBeforeReplace: news.publicKey === old.inputs.publicKey || news.name === old.state.name,
  }),

  create: async (inputs, context) => {
    const name = inputs.name ?? (await ownName(inputs, context));
    const about = { what: "cannot register the SSH key pair", object: name };
    const existing = await attempt(context.client, about, () => find(context, name));
    if (inputs.publicKey === undefined) {
      // Its private key went with the update that was cut off.
      if (existing && inputs.name === undefined)
        await attempt(context.client, about, () => remove(context, name));
      else if (existing) throw taken(name);
      return attempt(context.client, about, () => make(name, inputs, context));
    }
    const { publicKey } = inputs;
    if (existing) {
      // A pair is its name and its key: one that has both is what an update that was cut off registered, or as good.
      if (existing.fingerprint !== fingerprintOf(publicKey)) throw taken(name);
      context.log.info(`the key pair ${name} is there already, with this key: it is taken up`);
      return { id: name, state: stateOf({ ...inputs, publicKey }, name, existing) };
    }
    const registered = await attempt(
      context.client,
      {
        ...about,
        next: {
          invalid:
            "the same key may be registered under another name: use that one, or a new key (cmk list sshkeypairs)",
        },
      },
      () => context.client.call("registerSSHKeyPair", { name, publickey: publicKey }, context.signal),
    );
    const pair = answers.keyPair.parse(Object.values(registered)[0]);
    return { id: name, state: stateOf({ ...inputs, publicKey }, name, pair) };
  },

  read: async (id, known, context) => {
    const about = { what: "cannot look at the SSH key pair", object: id };
    const found = await attempt(context.client, about, () => findAmongAll(context, id));
    if (!found) return undefined;
    // Its name alone is not it: somebody may have registered another key under the name.
    const fingerprint = known.state?.fingerprint ?? found.fingerprint;
    const same = (found.fingerprint ?? fingerprint) === fingerprint;
    const { publicKey: _, ...nameOnly } = known.inputs ?? { name: id };
    const inputs = same ? (known.inputs ?? nameOnly) : nameOnly;
    const publicKey = found.publickey ?? (same ? known.state?.publicKey : undefined) ?? "";
    const { privateKey } = same ? (known.state ?? {}) : {};
    const state = stateOf({ ...inputs, publicKey }, id, found);
    return { state: { ...state, ...(privateKey !== undefined && { privateKey }) }, inputs };
  },

  delete: async (old, context) => {
    const about = { what: "cannot delete the SSH key pair", object: old.id };
    await attempt(context.client, about, () => remove(context, old.id));
  },
};

/** One that a killed update registered under a name of the program's own choice may be anybody's, and stays. */
export async function removeKeyPairTry(
  inputs: SshKeyPairInputs,
  context: Calling & Place & { log: Log },
): Promise<void> {
  if (inputs.name !== undefined) return;
  const name = await ownName(inputs, context);
  if (!(await find(context, name))) return;
  context.log.info(`key pair ${name} is left over from an update that was cut off: it is removed`);
  await remove(context, name);
}

type Calling = Pick<Context, "client" | "signal">;

/** What was left out stays as it is; a key that is imported is known by its fingerprint alone. */
function isAsBefore(
  property: string,
  old: Existing<SshKeyPairInputs, SshKeyPairState>,
  { name, publicKey }: SshKeyPairInputs,
): boolean {
  if (property === "name") return name === undefined || name === old.state.name;
  if (property !== "publicKey" || old.inputs.publicKey !== undefined) return false;
  return typeof publicKey === "string" && fingerprintOf(publicKey) === old.state.fingerprint;
}

async function make(name: string, inputs: SshKeyPairInputs, context: Context) {
  const answer = await context.client.call("createSSHKeyPair", { name }, context.signal);
  const pair = answers.createdKeyPair.parse(Object.values(answer)[0]);
  const publicKey = publicLineOf(pair.privatekey);
  const state = { ...stateOf({ ...inputs, publicKey }, name, pair), privateKey: pair.privatekey };
  return { id: name, state };
}

async function remove({ client, signal }: Calling, name: string): Promise<void> {
  try {
    await client.call("deleteSSHKeyPair", { name }, signal);
  } catch (error) {
    if (isFault(error, "invalid") && !(await find({ client, signal }, name))) return;
    throw error;
  }
}

/** OpenSSH's line of an RSA private key in PEM. */
function publicLineOf(privateKey: string): string {
  const { n = "", e = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const parts = [Buffer.from("ssh-rsa"), unsigned(e), unsigned(n)].flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return `ssh-rsa ${Buffer.concat(parts).toString("base64")}`;
}

/** SSH's integers have a sign. */
function unsigned(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

async function find({ client, signal }: Calling, name: string): Promise<answers.KeyPair | undefined> {
  const rows = await client.list("listSSHKeyPairs", answers.keyPair, { name }, signal);
  return rows.find((row) => row.name === name);
}

/** Of a moment's look at many of them. */
async function findAmongAll({ client }: Calling, name: string): Promise<answers.KeyPair | undefined> {
  const rows = await findAll(client, keyPairs, name, (one) => ({ name: one }), isNamed);
  return rows[0];
}

const keyPairs: Listing<answers.KeyPair> = { command: "listSSHKeyPairs", row: answers.keyPair };

const isNamed = (row: answers.KeyPair, name: string) => row.name === name;

/** The same in every try, so that a pair that was registered but never recorded is found by it. */
async function ownName(inputs: SshKeyPairInputs, context: Place): Promise<string> {
  const identity = identityOf(context, { ...inputs });
  return `${nameStem(context.urn, identity)}${identity.digest}`;
}

function stateOf(
  inputs: SshKeyPairInputs & { publicKey: string },
  name: string,
  pair: answers.KeyPair,
): SshKeyPairState {
  return {
    ...inputs,
    name,
    fingerprint: pair.fingerprint ?? fingerprintOf(inputs.publicKey),
    ...(pair.id !== undefined && { keyPairId: pair.id }),
  };
}

/** MD5 of the key itself, as CloudStack tells it. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.trim().split(/\s+/)[1] ?? "", "base64");
  const hex = createHash("md5").update(blob).digest("hex");
  return hex.match(/../g)?.join(":") ?? hex;
}

function publicKeyLine(value: unknown): string | undefined {
  const line = String(value);
  if (line.length > longestKey) return `is longer than ${longestKey} characters`;
  if (/\t/.test(line)) return "holds a tab, which CloudStack refuses";
  return /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?\s*$/.test(line)
    ? undefined
    : "must be one line such as `ssh-ed25519 AAAA... comment` (rsa, dss, ecdsa or ed25519)";
}

function taken(name: string): Problem {
  return new Problem({
    what: "cannot register the SSH key pair",
    object: name,
    because: "the account has a key pair of this name with another key",
    next: `give another name, or take it over: pulumi import cloudstack:index:SshKeyPair NAME ${name}`,
  });
}
