/** A clone of a captured template in the lab, reached as root through the host: a planted fault in sshd locks nobody out. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Appliance } from "../../../appliances/types.ts";
import { Control } from "../../../lab/control/client.ts";
import type { Home } from "../../../lab/home.ts";
import type { Shell } from "../../../providers/guest/machine/ask.ts";
import { generateKeyPair } from "../../../providers/ssh/index.ts";
import type { Client } from "../../lab/support/client.ts";

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Mutant {
  name: string;
  id: string;
  /** As root, with the text on standard input. */
  run(command: string, input?: string): Promise<Answer>;
  /** The same, as the checks want it. */
  shell: Shell;
  remove(): Promise<void>;
}

export interface Source {
  client: Client;
  home: Home;
  templateId: string;
}

let number = 0;

/** Deploys a clone as the stack does, with a key and a token. */
export async function deployMutant(
  { machine: { cpu, memoryGiB } }: Appliance,
  { client, home, templateId }: Source,
): Promise<Mutant> {
  number += 1;
  const name = `mutant-${process.pid}-${number}`;
  const [zone, network, offering] = await Promise.all([
    client.call("listZones").then(({ zone: [first] }) => first.id),
    client.call("listNetworks").then(({ network: [first] }) => first.id),
    client
      .call("listServiceOfferings", { name: `${cpu} vCPU, ${memoryGiB} GiB` })
      .then(({ serviceoffering: [first] }) => first.id),
  ]);
  const { publicKey: publickey } = generateKeyPair();
  await client.call("registerSSHKeyPair", { name, publickey }, "POST");
  const token = randomBytes(32).toString("hex");
  const { virtualmachine } = await client.job(
    "deployVirtualMachine",
    {
      name,
      zoneid: zone,
      networkids: network,
      serviceofferingid: offering,
      templateid: templateId,
      keypairs: name,
      userdata: Buffer.from(`ossea-attestation-token: ${token}\n`).toString("base64"),
    },
    "POST",
  );
  const { enter = [] } = await new Control(home).machine(name);
  const [program = "", ...before] = enter;
  const run = (command: string, input: string | Buffer = "") =>
    answerOf(program, [...before, "bash", "-c", command], input);
  return {
    name,
    id: virtualmachine.id,
    run,
    shell: {
      target: { host: name, port: 22, user: "root" },
      exec: (command, { stdin } = {}) => run(command, stdin as string | Buffer | undefined),
    } as Shell,
    remove: async () => {
      await client.job("destroyVirtualMachine", { id: virtualmachine.id, expunge: true });
      await client.call("deleteSSHKeyPair", { name });
    },
  };
}

function answerOf(program: string, args: readonly string[], input: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 137, stdout, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
