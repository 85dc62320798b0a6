/** The lab of the environment, as a measurement uses it. */
import { z } from "zod";
import { CloudStack } from "../../providers/cloudstack/client/client.ts";
import { perform } from "../../providers/cloudstack/client/jobs.ts";
import { connect, generateKeyPair, type KeyPair } from "../../providers/ssh/index.ts";

export const { signal } = new AbortController();
const waiting = { signal, limitSeconds: 600 };
const deployed = z.object({ virtualmachine: z.object({ id: z.string(), publicip: z.string() }) });

export function labClient(): CloudStack {
  const { CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY, CLOUDSTACK_SECRET_KEY } = process.env;
  if (!CLOUDSTACK_API_URL || !CLOUDSTACK_API_KEY || !CLOUDSTACK_SECRET_KEY) {
    throw new Error("the environment names no lab: run this by npm run bench");
  }
  return new CloudStack({
    apiUrl: new URL(CLOUDSTACK_API_URL),
    apiKey: CLOUDSTACK_API_KEY,
    secretKey: CLOUDSTACK_SECRET_KEY,
    requestTimeoutSeconds: 30,
    jobTimeoutSeconds: 600,
  });
}

export interface Placement {
  zoneid: string;
  serviceofferingid: string;
  networkids: string;
}

const row = z.object({ id: z.string(), name: z.string() });

export async function placement(cloud: CloudStack, offering = "4 vCPU, 8 GiB"): Promise<Placement> {
  const first = async (command: string, name?: string) => {
    const rows = await cloud.list(command, row, {}, signal);
    const found = rows.find((each) => name === undefined || each.name === name);
    if (!found) throw new Error(`${command} lists no ${name ?? "row"}`);
    return found.id;
  };
  return {
    zoneid: await first("listZones"),
    serviceofferingid: await first("listServiceOfferings", offering),
    networkids: await first("listNetworks", "lab-network"),
  };
}

/** Of the lab's base templates the one that every container can be made of at once. */
export const isContainerBase = (name: string) => name.endsWith("(lab)") && !name.includes(" with kernel ");

export async function templateNamed(
  cloud: CloudStack,
  matches: (name: string) => boolean,
): Promise<string | undefined> {
  const rows = await cloud.list("listTemplates", row, { templatefilter: "all" }, signal);
  return rows.find(({ name }) => matches(name))?.id;
}

/** Asks for an instance and waits until a login by SSH succeeds. @returns the instance's id */
export async function deployUntilLogin(
  cloud: CloudStack,
  where: Placement & { templateid: string },
  user: string,
  key: KeyPair,
  keyPairName: string,
): Promise<string> {
  const parameters = { ...where, keypairs: keyPairName, rootdisksize: "100" };
  const { virtualmachine } = deployed.parse(
    await perform(cloud, "deployVirtualMachine", parameters, waiting),
  );
  const connection = await connect({
    host: virtualmachine.publicip,
    port: 22,
    user,
    privateKey: key.privateKey,
    dialErrorLimit: -1,
    maxRetryDelaySeconds: 0.1,
  });
  const { code } = await connection.exec("true");
  connection.close();
  if (code !== 0) throw new Error(`the login ends with ${code}`);
  return virtualmachine.id;
}

export async function expunge(cloud: CloudStack, id: string): Promise<void> {
  await perform(cloud, "destroyVirtualMachine", { id, expunge: "true" }, waiting);
}

export async function withKeyPair<T>(
  cloud: CloudStack,
  work: (key: KeyPair, name: string) => Promise<T>,
): Promise<T> {
  const key = generateKeyPair("bench");
  const name = `bench-${process.pid}`;
  await cloud.call("registerSSHKeyPair", { name, publickey: key.publicKey }, signal);
  try {
    return await work(key, name);
  } finally {
    await cloud.call("deleteSSHKeyPair", { name }, signal);
  }
}
